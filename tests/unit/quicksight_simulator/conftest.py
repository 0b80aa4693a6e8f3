"""The simulator answers here."""

from tests.unit.no_moto import no_moto

__all__ = ["no_moto"]
