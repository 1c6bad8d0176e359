// How the page looks, by day and by night.

export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f7f7f4; --card: #ffffff; --ink: #1d2129; --quiet: #687080; --line: #e2e3de;
  --ours: #0f7b8a; --redis: #d0472f; --floor: #8b93a3; --good: #1d8348; --bad: #b8371f;
  --warn: #fff3d6; --wash: #0f7b8a14;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151a; --card: #1a1f27; --ink: #e6e9ee; --quiet: #949db0; --line: #2c333f;
    --ours: #35c3d3; --redis: #ff7a5f; --floor: #76808f; --good: #58d68d; --bad: #ff8b73;
    --warn: #3b3118; --wash: #35c3d31a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main { max-width: 1060px; margin: 0 auto; padding: 40px 20px 80px; }
h1 { font-size: 34px; letter-spacing: -0.02em; margin: 0 0 4px; }
h2 { font-size: 19px; letter-spacing: -0.01em; margin: 0; }
h3 { font-size: 13px; font-weight: 600; color: var(--quiet); margin: 14px 0 4px; }
p { margin: 4px 0; } .quiet { color: var(--quiet); }
section, .tile { background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
section { padding: 20px 24px; margin-top: 20px; }
.warning { background: var(--warn); border-radius: 8px; padding: 8px 14px; margin-top: 12px; }
.legend { display: flex; gap: 20px; margin-top: 14px; flex-wrap: wrap; }
.legend i {
  display: inline-block; width: 11px; height: 11px; border-radius: 50%; margin-right: 7px;
}
.tiles {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 12px;
  margin-top: 20px;
}
.tile { padding: 14px 16px; } .tile b { display: block; font-size: 27px; letter-spacing: -0.02em; }
.tile .bar { height: 6px; border-radius: 3px; background: var(--line); margin: 8px 0 6px; }
.tile .bar i { display: block; height: 6px; border-radius: 3px; }
.met b { color: var(--good); } .met .bar i { background: var(--good); }
.missed b { color: var(--bad); } .missed .bar i { background: var(--bad); }
.tile small { color: var(--quiet); display: block; line-height: 1.35; }
svg { display: block; width: 100%; height: auto; margin-top: 10px; }
svg text { font: 12px system-ui, "Segoe UI", Roboto, sans-serif; fill: var(--ink); }
svg text.axis { fill: var(--quiet); font-size: 11px; }
.grid { stroke: var(--line); stroke-width: 1; } .one { stroke: var(--quiet); stroke-width: 1.5; }
.wash { fill: var(--wash); }
.ours { fill: var(--ours); stroke: var(--ours); } .redis { fill: var(--redis); stroke: var(--redis); }
.floor { fill: var(--floor); stroke: var(--floor); }
.whisker { stroke-width: 2; opacity: 0.45; } .curve { fill: none; stroke-width: 2.5; }
svg .bar { stroke: none; }
.many { display: grid; grid-template-columns: repeat(auto-fit, minmax(330px, 1fr)); gap: 4px 28px; }
details { margin-top: 14px; } summary { cursor: pointer; color: var(--quiet); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; margin-top: 8px; min-width: 100%; }
th, td { padding: 3px 10px 3px 0; text-align: right; white-space: nowrap; }
th { color: var(--quiet); font-weight: 500; }
td:first-child, th:first-child, td:last-child, th:last-child { text-align: left; }
td { border-top: 1px solid var(--line); font-variant-numeric: tabular-nums; }
`;
