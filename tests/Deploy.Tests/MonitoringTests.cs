using System.Diagnostics.Metrics;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MnistLstm.Api.Models;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Deploy.Tests;

public sealed partial class MonitoringTests
{
    private static readonly string Folder = Repository.PathOf("deploy", "monitoring");
    private static readonly JsonNode Dashboard =
        JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "grafana", "dashboards", "mnist-lstm.json")))!;

    [Fact]
    public void Every_panel_uses_the_provisioned_data_source()
    {
        string source = YamlDocument.Load(
            Folder, "grafana", "provisioning", "datasources", "prometheus.yml")["datasources"]![0]!["uid"]!.ToString();

        foreach (JsonNode? panel in Dashboard["panels"]!.AsArray())
        {
            panel!["datasource"]!["uid"]!.ToString().ShouldBe(source);
            panel["targets"]!.AsArray().ShouldNotBeEmpty();
        }
    }

    [Fact]
    public async Task Dashboard_and_alerts_ask_for_metrics_that_exist()
    {
        var own = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == ServiceMetrics.MeterName)
            {
                own.AddRange(PrometheusNames(instrument));
            }
        };
        listener.Start();
        await using RunningService service = await RunningService.StartAsync();
        using var picture =
            new ByteArrayContent(GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps));
        picture.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        using HttpResponseMessage answer =
            await service.Client.PostAsync("/predict", picture, TestContext.Current.CancellationToken);
        string metrics =
            await service.Client.GetStringAsync(TelemetryApi.MetricsPath, TestContext.Current.CancellationToken);
        HashSet<string> known = [.. Sample().Matches(metrics).Select(sample => sample.Groups[1].Value), .. own, "up"];

        IEnumerable<string> expressions =
        [
            .. Dashboard["panels"]!.AsArray().SelectMany(panel => panel!["targets"]!.AsArray())
            .Select(target => target!["expr"]!.ToString()),
            .. YamlDocument.Load(Folder, "alerts.yml")["groups"]![0]!["rules"]!.AsArray()
            .Select(rule => rule!["expr"]!.ToString()),
        ];
        string[] asked = [.. expressions.SelectMany(expression => Selector().Matches(expression))
            .Select(selector => selector.Groups[1].Value).Distinct()];

        asked.Length.ShouldBeGreaterThan(10);
        asked.ShouldBeSubsetOf(known);
    }

    [Fact]
    public void Every_alert_is_tested_in_a_firing_state()
    {
        IEnumerable<string> alerts = YamlDocument.Load(Folder, "alerts.yml")["groups"]![0]!["rules"]!.AsArray()
            .Select(rule => rule!["alert"]!.ToString());
        IEnumerable<JsonNode?> tried = YamlDocument.Load(Folder, "alerts.test.yml")["tests"]!.AsArray()
            .SelectMany(test => test!["alert_rule_test"]!.AsArray());

        tried.Where(test => test!["exp_alerts"]!.AsArray().Count > 0).Select(test => test!["alertname"]!.ToString())
            .Distinct().ShouldBe(alerts, ignoreOrder: true);
    }

    /// <summary>
    /// As the exporter has it: underscores, the unit at the end, _total after counters, three series for a histogram.
    /// </summary>
    private static IEnumerable<string> PrometheusNames(Instrument instrument)
    {
        string name = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "");
        return instrument switch
        {
            Counter<long> => [$"{name}_total"],
            Histogram<long> or Histogram<double> => [$"{name}_bucket", $"{name}_sum", $"{name}_count"],
            _ => [name],
        };
    }

    [GeneratedRegex(@"^([a-z_][a-z0-9_]*)[{ ]", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex(@"([a-z_][a-z0-9_]*)\{")]
    private static partial Regex Selector();
}
