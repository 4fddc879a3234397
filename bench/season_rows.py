"""The rows of a season that is made up: vouchers, tills, refunds.  一季的行

Everything follows from the numbers of lane and entry by a hash, so the same size gives the same
season, and what the house promises of money holds of it to the fen. There are no entries, rounds
and registrations behind the vouchers, no acquirers, no bounced payments, no links of the chain.
"""

from collections.abc import Sequence

STORES_OF_MERCHANT = 2
# A win is one of some dozens of entries: numbers of vouchers have gaps, which a planner knows.
ENTRIES_OF_A_WIN = 20
SETTLE_AFTER = 7
_CHECKED = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def named(letter: str, campaign_id: int, *numbers: str) -> str:
    """SQL for a name of the house (`domain/serials.py`): lane, entry and attempts are SQL, too."""
    state = 18
    for character in f"{letter}{campaign_id:03}":
        state = _step(state, _CHECKED.index(character))
    widths = (4, 9, *(2 for _ in numbers[2:]))
    check = str(state)
    for number, width in zip(numbers, widths, strict=True):
        for place in reversed(range(width)):
            digit = f"({number}) / {10**place} % 10"
            check = f"(coalesce(nullif({check}, 0), 36) * 2 % 37 + {digit}) % 36"
    last = f"(37 - coalesce(nullif({check}, 0), 36) * 2 % 37) % 36"
    padded = (
        f"lpad(({number})::text, {width}, '0')"
        for number, width in zip(numbers, widths, strict=True)
    )
    body = " || '-' || ".join(padded)
    return (
        f"'{letter}{campaign_id:03}-' || {body} || '-' "
        f"|| substr('{_CHECKED}', (({last}))::integer + 1, 1)"
    )


def _step(state: int, value: int) -> int:
    return ((state or 36) * 2 % 37 + value) % 36


BEFORE = """
create function pg_temp.dice(lane integer, idx bigint, salt integer, sides integer)
returns integer language sql immutable
return (abs(hashint8((lane * 1000000000::bigint + idx) * 16 + salt)::bigint) % sides)::integer;
create temp table season_tiers (place integer, tier smallint, pack smallint, face_fen bigint,
                                threshold_fen bigint);
"""


def shops(campaign_id: int, cities: Sequence[str]) -> tuple[str, ...]:
    """Merchants ($1 of them), two stores each, a cashier in each; every pack is taken."""
    everywhere = f"({texts(cities)})"
    stores = f"generate_series(1, $1::integer * {STORES_OF_MERCHANT}) n"
    opened = "timestamptz '2026-01-05 09:00+08'"
    return (
        f"""
        insert into merchants (merchant_id, name, uscc, opened_at) overriding system value
        select n, '商户' || n, 'USCC' || lpad(n::text, 14, '0'), {opened}
          from generate_series(1, $1::integer) n
        """,
        f"""
        insert into stores (store_id, merchant_id, code, name, city, address, lat, lng, datum,
                            state, opened_at) overriding system value
        select n, (n + 1) / {STORES_OF_MERCHANT}, 'store-' || n, '门店' || n,
               {everywhere}[1 + n % {len(cities)}], '湖北省', 30.58, 114.28, 'wgs84', 'open',
               {opened}
          from {stores}
        """,
        f"""
        insert into store_packs (store_id, campaign_id, pack, open_from)
        select n, {campaign_id}, pack, {opened}
          from {stores}
         cross join (select distinct pack from season_tiers) packs
        """,
        f"""
        insert into cashiers (cashier_id, store_id, login, name, pin_hash, opened_at)
        overriding system value
        select n, n, 'cashier-' || n, '收银员' || n, '', {opened}
          from {stores}
        """,
    )


_DAY = """
with drawn as (
    select (g % @lanes)::smallint as lane,
           ($2::bigint * @of_lane + g / @lanes) * @entries + g % 7 as idx,
           ($2::bigint * $7::integer + g / @lanes) % $5::integer as person,
           $1::date + interval '10 hours'
           + make_interval(secs => 36000 * (g / @lanes / @of_lane::float) ^ 2) as issued_at,
           $1::date + interval '7 days' as valid_until
      from generate_series(0, $3::integer - 1) g
), dealt as (
    select d.*, t.tier, t.pack, t.face_fen, t.threshold_fen,
           1 + pg_temp.dice(d.lane, idx, 2, $6::integer) as store_id,
           1 + (pg_temp.dice(d.lane, idx, 3, 20) = 0)::integer as lock_no,
           t.threshold_fen + pg_temp.dice(d.lane, idx, 4, 50000) as net_fen,
           case when pg_temp.dice(d.lane, idx, 5, 20) = 0
                then 1 + pg_temp.dice(d.lane, idx, 6, 3) else 0 end as offered,
           case when pg_temp.dice(d.lane, idx, 7, 1000) < 685
                then issued_at + interval '10 minutes'
                     + (valid_until - issued_at - interval '12 minutes')
                       * (pg_temp.dice(d.lane, idx, 8, 1000000) / 1000000.0) end as redeemed_at
      from drawn d
      join season_tiers t
        on t.place = pg_temp.dice(d.lane, d.idx, 1, (select count(*)::integer from season_tiers))
     where issued_at <= $4::timestamptz
), told as (
    select d.lane, idx, person, issued_at, valid_until, tier, pack, face_fen, threshold_fen,
           store_id, (store_id + 1) / @stores as merchant_id, net_fen, offered,
           500 * (offered > 0)::integer * case offered when 3 then 2 else 1 end as offers_fen,
           case when redeemed_at <= $4::timestamptz then redeemed_at end as redeemed_at, lock_no,
           pg_temp.dice(d.lane, idx, 9, 5000) = 0 as is_at_till,
           case when pg_temp.dice(d.lane, idx, 10, 40) > 0 then null
                when pg_temp.dice(d.lane, idx, 11, 5) = 0
                then redeemed_at + interval '8 days'
                     + interval '1 minute' * pg_temp.dice(d.lane, idx, 12, 8000)
                else redeemed_at + interval '1 hour'
                     + interval '1 minute' * pg_temp.dice(d.lane, idx, 12, 8000)
            end as back_at,
           case when pg_temp.dice(d.lane, idx, 11, 5) = 0 then greatest(net_fen / 50, 1)
                when pg_temp.dice(d.lane, idx, 13, 10) = 0 then net_fen
                else net_fen / 5 end as back_fen
      from dealt d
), won as materialized (
    select t.*, case when redeemed_at is not null then 'redeemed'
                     when valid_until <= $4::timestamptz then 'expired'
                     when is_at_till and issued_at < $4::timestamptz - interval '2 minutes'
                     then 'locked' else 'held' end as state,
           back_at > redeemed_at + interval '7 days' as late,
           (2 * face_fen * back_fen + net_fen) / (2 * net_fen) as to_fund_fen
      from (select *, redeemed_at is not null and coalesce(back_at <= $4::timestamptz, false)
                      as is_back
              from told) t
), held as (
    select *, coalesce(redeemed_at, $4::timestamptz) - interval '1 minute' as locked_at
      from won
     where state in ('redeemed', 'locked')
), locked as (
    select lane, idx, lock_no, state, locked_at, offered, offers_fen, net_fen, store_id, face_fen,
           redeemed_at
      from held
     union all
    select lane, idx, 1, 'lapsed', issued_at + interval '30 seconds', offered, offers_fen, net_fen,
           store_id, face_fen, issued_at + interval '6 minutes'
      from held
     where lock_no = 2
), new_vouchers as (
    insert into vouchers (lane, campaign_id, idx, serial, pid, day, pack, tier, face_fen,
                          threshold_fen, rulebook_version, city, state, valid_from, valid_until,
                          issued_at, lock_no, locked_until)
    select lane, @campaign, idx, @serial, decode(md5(lane || '-' || person), 'hex'),
           to_char($1::date, 'YYYYMMDD')::integer, pack, tier, face_fen, threshold_fen, 1,
           (@cities)[1 + person % cardinality(@cities)], state, issued_at, valid_until, issued_at,
           case when state in ('redeemed', 'locked') then lock_no else 0 end,
           case when state = 'locked' then $4::timestamptz + interval '4 minutes' end
      from won
     order by lane, idx
), new_codes as (
    insert into codes (lane, code_key, campaign_id, idx, device, request_key, minted_at, expires_at,
                       used_at)
    select lane, decode(md5('code' || lane || '-' || idx || '-' || lock_no), 'hex'), @campaign,
           idx, '\\x00', 'code-' || lane || '-' || idx || '-' || lock_no,
           locked_at - interval '10 seconds', locked_at + interval '20 seconds', locked_at
      from locked
), new_locks as (
    insert into locks (lane, campaign_id, idx, lock_no, state, store_id, cashier_id, order_fen,
                       offers, offers_fen, net_fen, discount_fen, rulebook_version, locked_at,
                       locked_until, closed_at)
    select lane, @campaign, idx, lock_no, case state when 'locked' then 'open' else state end,
           store_id, store_id, net_fen + offers_fen,
           case offered when 0 then '[]'
                when 1 then '[{"funder": "platform", "name": "满减", "amount_fen": 500}]'
                when 2 then '[{"funder": "merchant", "name": "会员", "amount_fen": 500}]'
                else '[{"funder": "platform", "name": "满减", "amount_fen": 500},
                       {"funder": "merchant", "name": "会员", "amount_fen": 500}]' end::jsonb,
           offers_fen, net_fen, face_fen, 1, locked_at, locked_at + interval '5 minutes',
           redeemed_at
      from locked
     order by lane, idx, lock_no
), new_redemptions as (
    insert into redemptions (lane, campaign_id, idx, lock_no, day, store_id, merchant_id,
                             cashier_id, city, pack, payment_ref, face_fen, threshold_fen,
                             order_fen, offers_fen, net_fen, discount_fen, rulebook_version,
                             redeemed_at, refund_count, refunded_fen, returned_fen, settlement_id)
    select lane, @campaign, idx, lock_no, to_char(redeemed_at, 'YYYYMMDD')::integer, store_id,
           merchant_id, store_id, (@cities)[1 + store_id % cardinality(@cities)], pack,
           'pay-' || lane || '-' || idx || '-' || lock_no,
           face_fen, threshold_fen, net_fen + offers_fen, offers_fen, net_fen, face_fen, 1,
           redeemed_at, is_back::integer, case when is_back then back_fen else 0 end,
           case when is_back then to_fund_fen else 0 end,
           case when redeemed_at::date + @after <= $4::timestamptz::date
                then (redeemed_at::date + @after - date '2026-01-01') * 100000::bigint
                     + merchant_id end
      from won
     where redeemed_at is not null
     order by redeemed_at
), new_payments as (
    insert into payments (merchant_id, payment_ref, lane, campaign_id, idx, lock_no)
    select merchant_id, 'pay-' || lane || '-' || idx || '-' || lock_no, lane, @campaign, idx,
           lock_no
      from won
     where redeemed_at is not null
), new_refunds as (
    insert into refunds (lane, campaign_id, idx, lock_no, refund_no, amount_fen, to_consumer_fen,
                         to_fund_fen, late, cashier_id, day, refunded_at)
    select lane, @campaign, idx, lock_no, 1, back_fen, back_fen - to_fund_fen, to_fund_fen,
           late, store_id, to_char(back_at, 'YYYYMMDD')::integer, back_at
      from won
     where is_back
), new_notices as (
    insert into outbox (kind, payload, created_at, sent_at)
    select 'redeemed', '{}', redeemed_at, redeemed_at
      from won
     where redeemed_at is not null
)
select count(*) from won
"""


def day(campaign_id: int, lanes: int, cities: Sequence[str]) -> str:
    """One draw day: vouchers and all that became of them by now.

    $1 the day, $2 its number in the season, $3 how many are won, $4 now, $5 people of a lane, $6
    how many stores there are, $7 how many people of a lane win their first on a day.
    """
    return told(
        _DAY,
        campaign=campaign_id,
        of_lane=f"(($3::integer + {lanes - 1}) / {lanes})",
        lanes=lanes,
        cities=texts(cities),
        serial=named("V", campaign_id, "lane", "idx"),
        stores=STORES_OF_MERCHANT,
        entries=ENTRIES_OF_A_WIN,
        after=SETTLE_AFTER,
    )


def told(text: str, **words: object) -> str:
    """SQL with some words put in where @ stands before their name."""
    for name, word in words.items():
        text = text.replace(f"@{name}", str(word))
    return text


def texts(words: Sequence[str]) -> str:
    """SQL for an array of texts that hold no quotes."""
    return f"array[{', '.join(repr(word) for word in words)}]"
