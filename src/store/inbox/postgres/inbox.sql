-- The inbox of countersign: one row for each event whose transaction has committed.
-- The number in the names is their version: two can stand side by side.

CREATE TABLE IF NOT EXISTS countersign_inbox_1 (
    key bytea PRIMARY KEY,
    expires_us bigint NOT NULL, -- microseconds since 1970
    digest bytea                -- the body's SHA-256, where it counts
);

-- Enters an event into the transaction that calls this, and says what is known of it.
CREATE OR REPLACE FUNCTION countersign_inbox_1_claim(
    event bytea, retention_us bigint, body bytea
) RETURNS text LANGUAGE plpgsql AS $claim$
DECLARE
    -- Another table is another inbox.
    inbox CONSTANT bigint := 'countersign_inbox_1'::regclass::oid;
    moment CONSTANT bigint := (date_part('epoch', clock_timestamp()) * 1000000)::bigint;
    entered boolean := false;
    known bytea;
    page bigint;
BEGIN
    -- Nobody writes to an event's row without its lock, which ends with the transaction:
    -- an insert would wait for whoever has inserted or deleted the row, and not committed.
    IF pg_try_advisory_xact_lock(hashtextextended(encode(event, 'hex'), inbox)) THEN
        INSERT INTO countersign_inbox_1 (key, expires_us, digest)
            VALUES (event, moment + retention_us, body)
            ON CONFLICT (key) DO NOTHING;
        entered := FOUND;
        IF NOT entered THEN
            UPDATE countersign_inbox_1
                SET expires_us = moment + retention_us, digest = body
                WHERE key = event AND expires_us <= moment;
            entered := FOUND;
        END IF;
    END IF;

    IF entered THEN
        -- A commit that does not wait for the disk may be forgotten after it was
        -- acknowledged.
        IF current_setting('synchronous_commit') = 'off' THEN
            PERFORM set_config('synchronous_commit', 'on', true);
        END IF;
        -- One in sixteen takes ended ones away, from any one page: they are found at no cost
        -- there, since a page is filled within a short time. Where all statements read one
        -- snapshot, a row that somebody else has taken away would fail the transaction.
        IF get_byte(event, 0) % 16 = 0
            AND current_setting('transaction_isolation') IN ('read committed', 'read uncommitted')
        THEN
            page := floor(random() * pg_relation_size(inbox::oid)
                / current_setting('block_size')::integer);
            DELETE FROM countersign_inbox_1 WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM countersign_inbox_1
                WHERE ctid >= format('(%s,0)', page)::tid
                    AND ctid < format('(%s,0)', page + 1)::tid
                    AND CASE WHEN expires_us <= moment THEN
                        pg_try_advisory_xact_lock(hashtextextended(encode(key, 'hex'), inbox))
                    END
                LIMIT 128
                FOR UPDATE SKIP LOCKED
            ));
        END IF;
        RETURN 'fresh';
    END IF;

    SELECT digest INTO known FROM countersign_inbox_1
        WHERE key = event AND expires_us > moment;
    RETURN CASE
        WHEN NOT FOUND THEN 'in progress'
        WHEN known <> body THEN 'reused'
        ELSE 'done'
    END;
END
$claim$;
