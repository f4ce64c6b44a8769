using System.Text.Json.Nodes;

namespace MnistLstm.Deploy.Tests;

public sealed class MonitoringTests
{
    private static readonly string Folder = Repository.PathOf("deploy", "monitoring");
    private static readonly JsonNode Dashboard = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "grafana", "dashboards", "mnist-lstm.json")))!;

    [Fact]
    public void Every_panel_asks_the_data_source_that_is_provisioned()
    {
        string source = YamlDocument.Load(Folder, "grafana", "provisioning", "datasources", "prometheus.yml")["datasources"]![0]!["uid"]!.ToString();

        foreach (JsonNode? panel in Dashboard["panels"]!.AsArray())
        {
            panel!["datasource"]!["uid"]!.ToString().ShouldBe(source);
            panel["targets"]!.AsArray().ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void The_autoscaler_s_metric_is_what_the_adapter_shows()
    {
        string metric = Manifests.All.OfType<k8s.Models.V2HorizontalPodAutoscaler>().Single().Spec.Metrics
            .Single(metric => metric.Pods is not null).Pods.Metric.Name;

        YamlDocument.Load(Folder, "prometheus-adapter.yml")["rules"]!["custom"]![0]!["name"]!["as"]!.ToString().ShouldBe(metric);
    }
}
