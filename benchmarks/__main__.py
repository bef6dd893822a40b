"""Everything the README claims about speed, measured again: python -m benchmarks (make bench)."""

from . import bench_import, bench_panels, bench_simulate, bench_trade, bench_trade_sectors, bench_voting

for bench in (bench_import, bench_panels, bench_trade, bench_trade_sectors, bench_simulate, bench_voting):
    print(f"\n== {bench.__name__.removeprefix('benchmarks.')}")
    bench.main()
