"""Everything the README claims about speed, measured again: python -m benchmarks (make bench)."""

from . import (
    bench_balance,
    bench_ideal_points,
    bench_import,
    bench_panels,
    bench_similarity,
    bench_simulate,
    bench_trade,
    bench_trade_sectors,
    bench_voting,
)

for bench in (
    bench_import, bench_trade, bench_trade_sectors, bench_simulate, bench_panels, bench_voting, bench_balance,
    bench_similarity, bench_ideal_points,
):  # fmt: skip
    print(f"\n== {bench.__name__.removeprefix('benchmarks.')}")
    bench.main()
