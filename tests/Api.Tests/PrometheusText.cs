using System.Globalization;
using System.Text.RegularExpressions;

namespace MnistLstm.Api.Tests;

/// <summary>
/// Reads Prometheus' text format 0.0.4 and refuses what a strict reader would: samples of an undeclared family,
/// families in pieces, series that come twice, histograms that do not add up.
/// </summary>
internal sealed partial class PrometheusText
{
    private readonly Dictionary<Series, double> _samples = [];
    private readonly Dictionary<string, string> _types = [];

    private PrometheusText()
    {
    }

    /// <summary>Kinds by the family's name.</summary>
    public IReadOnlyDictionary<string, string> Types => _types;

    public static PrometheusText Parse(string text)
    {
        text.ShouldEndWith("\n");
        var parsed = new PrometheusText();
        HashSet<string> closed = [];
        string family = "";
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!line.StartsWith('#'))
            {
                parsed.Add(line, family);
                continue;
            }

            Match comment = Comment().Match(line);
            comment.Success.ShouldBeTrue(line);
            string name = comment.Groups["name"].Value;
            if (name != family && name.Length > 0)
            {
                closed.Add(family);
                closed.ShouldNotContain(name, line);
                family = name;
            }

            if (comment.Groups["kind"].Value == "TYPE")
            {
                parsed._types.TryAdd(name, comment.Groups["text"].Value).ShouldBeTrue(line);
            }
        }

        parsed.CheckHistograms();
        return parsed;
    }

    /// <summary>Sum over the series of a sample that have all these labels.</summary>
    /// <param name="name">With its suffix, as <c>…_total</c> or <c>…_count</c>.</param>
    /// <param name="labels">Each as <c>name="value"</c>.</param>
    public double Sum(string name, params string[] labels) =>
        _samples.Where(sample => Matches(sample.Key, name, labels)).Sum(sample => sample.Value);

    public bool Has(string name, params string[] labels) => _samples.Keys.Any(series => Matches(series, name, labels));

    private static bool Matches(Series series, string name, string[] labels) =>
        series.Name == name && labels.All(label =>
            $",{series.Labels},".Contains($",{label},", StringComparison.Ordinal));

    private void Add(string line, string family)
    {
        Match sample = Sample().Match(line);
        sample.Success.ShouldBeTrue(line);
        string name = sample.Groups["name"].Value;
        _types.ShouldContainKey(family, line);
        string[] suffixes = _types[family] == "histogram" ? ["_bucket", "_sum", "_count"] : [""];
        suffixes.Select(suffix => family + suffix).ShouldContain(name, line);

        string[] labels = [.. Label().Matches(sample.Groups["labels"].Value).Select(label => label.Value)
            .Order(StringComparer.Ordinal)];
        string? bound = labels.FirstOrDefault(label => label.StartsWith("le=", StringComparison.Ordinal));
        var series = new Series(name, string.Join(',', labels.Where(label => label != bound)),
            bound is null ? null : Number(bound[4..^1]));
        double value = Number(sample.Groups["value"].Value);
        _samples.TryAdd(series, value).ShouldBeTrue($"twice: {line}");
        if (_types[family] == "counter")
        {
            value.ShouldBeGreaterThanOrEqualTo(0, line);
        }
    }

    /// <summary>Buckets are cumulative, and the last one is the count.</summary>
    private void CheckHistograms()
    {
        foreach (string family in _types.Where(type => type.Value == "histogram").Select(type => type.Key))
        {
            foreach (IGrouping<string, Series> buckets in _samples.Keys.Where(series =>
                series.Name == $"{family}_bucket").GroupBy(series => series.Labels))
            {
                Series[] ordered = [.. buckets.OrderBy(series => series.Bound)];
                double[] cumulative = [.. ordered.Select(series => _samples[series])];
                cumulative.ShouldBe([.. cumulative.Order()], family);
                ordered[^1].Bound.ShouldBe(double.PositiveInfinity, family);
                _samples[new Series($"{family}_count", buckets.Key, Bound: null)].ShouldBe(cumulative[^1], family);
                _samples.ShouldContainKey(new Series($"{family}_sum", buckets.Key, Bound: null));
            }
        }
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex("^# (?:(?<kind>HELP|TYPE|UNIT) (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?: (?<text>.*))?|EOF)$")]
    private static partial Regex Comment();

    [GeneratedRegex(
        "^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)"
        + "(?:\\{(?<labels>(?:[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\n]|\\\\[\"\\\\n])*\",?)*)\\})?"
        + " (?<value>[+-]Inf|NaN|[-+0-9.eE]+)(?: [0-9]+)?$")]
    private static partial Regex Sample();

    [GeneratedRegex("[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\n]|\\\\[\"\\\\n])*\"")]
    private static partial Regex Label();

    /// <param name="Name">With its suffix.</param>
    /// <param name="Labels">In order, without the bound.</param>
    /// <param name="Bound">Upper bound of a histogram bucket.</param>
    private readonly record struct Series(string Name, string Labels, double? Bound);
}
