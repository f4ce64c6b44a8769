using k8s.Models;

namespace MnistLstm.Deploy.Tests;

public sealed class KustomizeTests
{
    [Fact]
    public async Task Kustomize_builds_the_service_with_its_settings_and_its_image()
    {
        List<object> built = await BuildAsync(Manifests.Folder);

        V1PodSpec pod = built.OfType<V1Deployment>().Single().Spec.Template.Spec;
        V1ConfigMap settings = built.OfType<V1ConfigMap>().Single();
        pod.Containers.Single().EnvFrom.Single().ConfigMapRef.Name.ShouldBe(settings.Metadata.Name);
        settings.Metadata.Name.ShouldStartWith("mnist-lstm-");
        pod.Containers.Single().Image.ShouldBe($"registry.example.com/mnist-lstm:{Dockerfile.ProductVersion}");
    }

    [Fact]
    public async Task Kustomize_builds_the_job_with_its_image()
    {
        List<object> built = await BuildAsync(Path.Combine(Manifests.Folder, "evaluate"));

        V1Job job = built.ShouldHaveSingleItem().ShouldBeOfType<V1Job>();
        job.Spec.Template.Spec.Containers.Single().Image.ShouldBe(
            $"registry.example.com/mnist-lstm-trainer:{Dockerfile.ProductVersion}");
    }

    private static async Task<List<object>> BuildAsync(string folder)
    {
        (int exitCode, string output, string error) =
            await CommandLine.RunAsync(CommandLine.Find("kubectl"), "kustomize", folder);

        exitCode.ShouldBe(0, error);
        return [.. Manifests.Parse(output)];
    }
}
