-- How many transfers are in each status.
WITH newest AS (
  SELECT *, row_number() OVER (PARTITION BY id ORDER BY revision DESC) AS place
  FROM file_transfer_status
)
SELECT status, count(*) AS total_files
FROM newest
WHERE place = 1
GROUP BY status
ORDER BY total_files DESC, status
