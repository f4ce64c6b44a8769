using System.Net;

namespace MnistLstm.Trainer.Reports;

/// <summary>A page without scripts, fonts or files beside it; dark where the reader's system is.</summary>
public static class HtmlPage
{
    private const string Style = """
        :root { color-scheme: light dark; --paper: #ffffff; --ink: #1d2433; --quiet: #5b6475; --line: #d8dce4;
          --card: #f5f6f9;
          --one: #1f6feb; --two: #c2410c; --heat: 31 111 235; --bad: 194 65 12; }
        @media (prefers-color-scheme: dark) { :root {
          --paper: #12161f; --ink: #e6e9f0; --quiet: #9aa4b5; --line: #333b4a;
          --card: #1b212d; --one: #6aa5ff; --two: #ff9a5c; --heat: 106 165 255; --bad: 255 140 80; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 76rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
          font: 16px/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.25rem 0 .75rem; }
        p { max-width: 60rem; } .quiet { color: var(--quiet); }
        .figures { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0; }
        .figures div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
          padding: .6rem .9rem; }
        .figures b { display: block; font-size: 1.3rem; font-variant-numeric: tabular-nums; }
        .wide { overflow-x: auto; } .charts { display: flex; flex-wrap: wrap; gap: 1.5rem; }
        .charts figure { margin: 0; flex: 1 1 26rem; max-width: 40rem; }
        figcaption { color: var(--quiet); font-size: .9rem; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--line); }
        th { font-weight: 600; }
        td.text, th.text { text-align: left; } table.confusion :is(td, th) { min-width: 3.2rem; text-align: center; }
        svg { width: 100%; height: auto; } svg text { fill: var(--quiet); font: 13px system-ui, sans-serif; }
        svg .axis { stroke: var(--line); stroke-width: 1; }
        svg .even { stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 4 4; }
        svg .one { stroke: var(--one); } svg .two { stroke: var(--two); } svg path { fill: none; stroke-width: 2; }
        svg .bar { fill: var(--one); } svg text.one { fill: var(--one); stroke: none; }
        svg text.two { fill: var(--two); stroke: none; }
        .sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: .75rem;
          padding: 0; list-style: none; }
        .sheet li { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
          padding: .6rem; font-size: .85rem; }
        .sheet img { width: 84px; height: 84px; image-rendering: pixelated; border: 1px solid var(--line);
          display: block; }
        .sheet .name { overflow-wrap: anywhere; color: var(--quiet); }
        """;

    /// <param name="title">Plain text.</param>
    /// <param name="lead">One sentence under the title, plain text.</param>
    /// <param name="sections">HTML.</param>
    public static string Render(string title, string lead, params IEnumerable<string> sections) => $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Text(title)}</title>
        <style>
        {Style}
        </style>
        </head>
        <body>
        <h1>{Text(title)}</h1>
        <p class="quiet">{Text(lead)}</p>
        {string.Join('\n', sections)}
        </body>
        </html>

        """;

    /// <summary>Plain text as HTML.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <param name="heading">Plain text.</param>
    /// <param name="content">HTML.</param>
    public static string Section(string heading, string content) =>
        $"<section>\n<h2>{Text(heading)}</h2>\n{content}\n</section>";

    /// <summary>Large numbers with what they are.</summary>
    public static string Figures(params IEnumerable<(string Value, string Meaning)> figures) =>
        "<div class=\"figures\">"
        + string.Concat(figures.Select(f => $"<div><b>{Text(f.Value)}</b>{Text(f.Meaning)}</div>"))
        + "</div>";
}
