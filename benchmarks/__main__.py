"""Everything the README claims about speed, measured again: python -m benchmarks (make bench)."""

from . import bench_import, bench_simulate, bench_trade

for bench in (bench_import, bench_trade, bench_simulate):
    print(f"\n== {bench.__name__.removeprefix('benchmarks.')}")
    bench.main()
