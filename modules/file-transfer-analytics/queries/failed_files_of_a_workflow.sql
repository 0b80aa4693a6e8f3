-- Files of a workflow that failed, newest first. Parameter: the workflow's id.
WITH newest AS (
  SELECT *, row_number() OVER (PARTITION BY id ORDER BY revision DESC) AS place
  FROM file_transfer_status
)
SELECT fileName, customerId, status, "timestamp"
FROM newest
WHERE place = 1
  AND workflowId = ?
  AND status = 'FAILED'
ORDER BY "timestamp" DESC
