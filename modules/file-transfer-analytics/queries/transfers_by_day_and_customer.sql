-- Transfers, bytes and outcomes of the last 30 days, by the day of arrival and customer.
WITH newest AS (
  SELECT *, row_number() OVER (PARTITION BY id ORDER BY revision DESC) AS place
  FROM file_transfer_status
  WHERE day >= CAST(CAST(current_date - INTERVAL '31' DAY AS date) AS varchar)
)
SELECT
  CAST(arrivedAt AS date) AS arrived,
  customerId,
  count(*) AS files,
  sum(fileSizeBytes) AS bytes,
  count(*) FILTER (WHERE status = 'SUCCESS') AS delivered,
  count(*) FILTER (WHERE status IN ('FAILED', 'PARTIAL', 'REJECTED')) AS failed
FROM newest
WHERE place = 1
  AND arrivedAt >= current_date - INTERVAL '30' DAY
GROUP BY CAST(arrivedAt AS date), customerId
ORDER BY arrived DESC, files DESC, customerId
