-- A text as a date by the server's own form, null where it is none; the server alone takes much that only resembles it.
CREATE FUNCTION pg_temp.try_strptime(written text, form text, pattern text) RETURNS date LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF written ~ pattern THEN RETURN to_date(written, form); END IF;
  RETURN NULL;
EXCEPTION WHEN data_exception THEN RETURN NULL;
END $$
