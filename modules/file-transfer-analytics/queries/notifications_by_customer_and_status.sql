-- Notifications of the last 7 days by customer and status.
WITH newest AS (
  SELECT *, row_number() OVER (PARTITION BY id ORDER BY revision DESC) AS place
  FROM transfer_notification_log
  WHERE day >= CAST(CAST(current_date - INTERVAL '8' DAY AS date) AS varchar)
)
SELECT customerId, count(*) AS notifications, status
FROM newest
WHERE place = 1
  AND "timestamp" > current_date - INTERVAL '7' DAY
GROUP BY customerId, status
ORDER BY notifications DESC, customerId, status
