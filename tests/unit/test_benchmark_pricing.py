"""The arithmetic of the cost benchmark: a wrong factor there would make any design look cheap."""

from __future__ import annotations

import pytest

from benchmarks import latency, pricing
from benchmarks.cost import Limit


def test_a_quantity_of_one_a_file_costs_its_price_per_million() -> None:
    # Given 40 files that were copied twice each
    prices = pricing.load()

    # When a million of such files are priced
    usd = pricing.per_million_files({"s3_write": 80, "sns_publish": 40}, 40, prices)

    # Then two COPY requests a file are 10 USD and one publish is half a dollar
    assert usd == {"s3_write": pytest.approx(10.0), "sns_publish": pytest.approx(0.5)}


def test_an_item_without_a_price_is_refused() -> None:
    # Given something that the price list does not know, then it is not counted as free
    with pytest.raises(KeyError):
        pricing.per_million_files({"quantum_request": 1}, 1, pricing.load())


def test_no_files_have_no_price() -> None:
    with pytest.raises(ValueError, match="0 files"):
        pricing.per_million_files({"s3_write": 1}, 0, pricing.load())


@pytest.mark.parametrize(("duration_ms", "steps"), [(0, 1), (1, 1), (100, 1), (100.1, 2), (950, 10)])
def test_express_bills_every_begun_tenth_of_a_second(duration_ms: float, steps: int) -> None:
    assert pricing.express_steps(duration_ms) == steps


def test_the_price_of_a_step_is_that_of_a_gb_hour() -> None:
    # Given 0.06 USD a GB-hour, when a million executions run 100 ms in 64 MB
    gb_hours = 1_000_000 * 0.1 / 3600 * 64 / 1024

    # Then the price list agrees
    assert pricing.load().usd_per_million["express_step"] == pytest.approx(gb_hours * 0.06, rel=1e-5)


@pytest.mark.parametrize(("duration_ms", "memory_mb", "expected"), [(1000, 1024, 1.0), (3.2, 256, 0.001)])
def test_lambda_bills_every_begun_millisecond(duration_ms: float, memory_mb: int, expected: float) -> None:
    assert pricing.gb_seconds(duration_ms, memory_mb) == pytest.approx(expected)


def test_a_gigabyte_of_logs_costs_half_a_dollar() -> None:
    # Given a thousand bytes of logs a file, when a million files write a gigabyte
    usd = pricing.per_million_files({"log_byte": 1000}, 1, pricing.load())

    # Then it is half a dollar
    assert usd["log_byte"] == pytest.approx(0.5)


@pytest.mark.parametrize(("percent", "expected"), [(50, 50), (99, 99), (100, 100), (0.5, 1)])
def test_percentiles_are_samples(percent: float, expected: int) -> None:
    # Given the samples 1 to 100 in any order, then a percentile is the sample of that rank
    assert latency.percentile(list(range(100, 0, -1)), percent) == expected


def test_a_limit_is_kept_at_its_very_value_and_missed_above() -> None:
    assert Limit("write units", 8.0, 8).kept
    assert not Limit("write units", 8.01, 8).kept
