-- The remainder of doubles to the last bit: no step of it rounds. The server knows that of whole numbers alone.
CREATE FUNCTION pg_temp.remainder(dividend double precision, divisor double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE rest double precision := abs(dividend); step double precision := abs(divisor);
BEGIN
  IF step = 0 OR rest = 'Infinity' OR rest = 'NaN' OR step = 'NaN' THEN RETURN 'NaN'; END IF;
  WHILE step <= rest / 2 LOOP step := step * 2; END LOOP;
  WHILE step >= abs(divisor) LOOP
    IF rest >= step THEN rest := rest - step; END IF;
    step := step / 2;
  END LOOP;
  RETURN CASE WHEN dividend < 0 THEN -rest ELSE rest END;
END $$
