-- Files that were late, missed or too many in the last 30 days: windows of each expectation, however many channels heard of them.
WITH newest AS (
  SELECT *, row_number() OVER (PARTITION BY id ORDER BY revision DESC) AS place
  FROM transfer_notification_log
  WHERE day >= CAST(CAST(current_date - INTERVAL '31' DAY AS date) AS varchar)
)
SELECT
  customerId,
  workflowId,
  expectationId,
  count(DISTINCT dueAt) FILTER (WHERE event = 'LATE') AS late,
  count(DISTINCT dueAt) FILTER (WHERE event = 'MET_LATE') AS met_late,
  count(DISTINCT dueAt) FILTER (WHERE event = 'MISSED') AS missed,
  count(DISTINCT dueAt) FILTER (WHERE event = 'EXCEEDED') AS too_many,
  max(dueAt) AS last_due
FROM newest
WHERE place = 1
  AND kind = 'incident'
  AND "timestamp" > current_date - INTERVAL '30' DAY
GROUP BY customerId, workflowId, expectationId
ORDER BY missed DESC, late DESC, customerId, workflowId, expectationId
