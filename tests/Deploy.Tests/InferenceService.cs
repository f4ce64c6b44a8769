using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace MnistLstm.Deploy.Tests;

/// <summary>
/// KServe's resource, for which there is no type in the Kubernetes client: its predictor is a pod, read by the client's
/// strict type, and KServe's own fields beside it.
/// </summary>
internal static class InferenceService
{
    /// <summary>Fields of ComponentExtensionSpec, serving.kserve.io/v1beta1.</summary>
    private static readonly string[] ExtensionFields =
    [
        "minReplicas", "maxReplicas", "scaleTarget", "scaleMetric", "containerConcurrency", "timeout",
            "canaryTrafficPercent",
        "logger", "batcher", "labels", "annotations", "deploymentStrategy",
    ];

    public static JsonNode Document { get; } = YamlDocument.Load("deploy", "kserve", "inference-service.yaml");

    public static JsonObject Predictor => Document["spec"]!["predictor"]!.AsObject();

    public static V1PodSpec Pod
    {
        get
        {
            JsonObject pod = Predictor.DeepClone().AsObject();
            foreach (string name in ExtensionFields)
            {
                pod.Remove(name);
            }

            // JSON is YAML as well.
            return KubernetesYaml.Deserialize<V1PodSpec>(pod.ToJsonString(), strict: true);
        }
    }
}
