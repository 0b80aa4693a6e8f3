-- Failures of the last 30 days by reason and workflow, and how many of them nobody has replayed.
WITH newest AS (
  SELECT *, row_number() OVER (PARTITION BY id ORDER BY revision DESC) AS place
  FROM transfer_failure_queue
  WHERE day >= CAST(CAST(current_date - INTERVAL '31' DAY AS date) AS varchar)
)
SELECT
  failureReason,
  workflowId,
  count(*) AS failures,
  count(*) FILTER (WHERE replayedAt IS NULL) AS waiting,
  max("timestamp") AS last_at
FROM newest
WHERE place = 1
  AND "timestamp" > current_date - INTERVAL '30' DAY
GROUP BY failureReason, workflowId
ORDER BY failures DESC, failureReason, workflowId
