-- A text as a number or date, null where it is none; the server alone would stop at the first that is none.
CREATE FUNCTION pg_temp.{name}(written text) RETURNS {type} LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF written ~ '{pattern}' THEN RETURN written::{type}; END IF;
  RETURN NULL;
EXCEPTION WHEN data_exception THEN RETURN NULL;
END $$
