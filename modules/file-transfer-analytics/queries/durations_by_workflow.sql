-- Seconds from arrival to delivery in the last 7 days, by workflow. What a person replayed is left out.
WITH newest AS (
  SELECT *, row_number() OVER (PARTITION BY id ORDER BY revision DESC) AS place
  FROM file_transfer_status
  WHERE day >= CAST(CAST(current_date - INTERVAL '8' DAY AS date) AS varchar)
)
SELECT
  workflowId,
  count(*) AS files,
  approx_percentile(durationMillis, 0.5) / 1e3 AS p50_seconds,
  approx_percentile(durationMillis, 0.99) / 1e3 AS p99_seconds,
  max(durationMillis) / 1e3 AS longest_seconds
FROM newest
WHERE place = 1
  AND status = 'SUCCESS'
  AND replays = 0
  AND finishedAt > current_date - INTERVAL '7' DAY
GROUP BY workflowId
ORDER BY p99_seconds DESC, workflowId
