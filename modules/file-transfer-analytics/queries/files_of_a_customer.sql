-- What became of a customer's files in the last 7 days, newest first. Parameter: the customer's id.
WITH newest AS (
  SELECT *, row_number() OVER (PARTITION BY id ORDER BY revision DESC) AS place
  FROM file_transfer_status
  WHERE day >= CAST(CAST(current_date - INTERVAL '8' DAY AS date) AS varchar)
)
SELECT fileName, status, "timestamp"
FROM newest
WHERE place = 1
  AND customerId = ?
  AND "timestamp" > current_date - INTERVAL '7' DAY
ORDER BY "timestamp" DESC
