using k8s;
using k8s.Models;

namespace MnistLstm.Deploy.Tests;

/// <summary>
/// The Kubernetes manifests, read by the Kubernetes client's own types; unknown and doubled fields are errors.
/// </summary>
internal static class Manifests
{
    public static string Folder { get; } = Repository.PathOf("deploy", "kubernetes");

    public static IReadOnlyList<string> Files { get; } =
    [
        .. Directory.EnumerateFiles(Folder, "*.yaml", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "kustomization.yaml")
            .Order(StringComparer.Ordinal)
    ];

    public static IReadOnlyList<object> All { get; } = [.. Files.SelectMany(file => Parse(File.ReadAllText(file)))];

    public static V1Deployment Deployment => All.OfType<V1Deployment>().Single();

    public static V1Job Job => All.OfType<V1Job>().Single();

    public static V1Container Service => Deployment.Spec.Template.Spec.Containers.Single();

    public static IEnumerable<object> Parse(string text) => KubernetesYaml.LoadAllFromString(text, strict: true);
}
