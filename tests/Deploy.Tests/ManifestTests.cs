using System.Globalization;
using k8s.Models;
using Microsoft.Extensions.Configuration;
using MnistLstm.Api.Health;
using MnistLstm.Api.Settings;
using YamlDotNet.Core;

namespace MnistLstm.Deploy.Tests;

public sealed class ManifestTests
{
    /// <summary>The margin beyond the longest shutdown that the settings allow.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    public static TheoryData<string> Pods => ["Deployment", "Job", "InferenceService"];

    [Fact]
    public void Every_kind_appears_once() =>
        Manifests.All.Select(manifest => manifest.GetType().Name).Order(StringComparer.Ordinal).ShouldBe(
        [
            nameof(V1Deployment), nameof(V1Job), nameof(V1NetworkPolicy), nameof(V1PodDisruptionBudget),
                nameof(V1Service),
            nameof(V2HorizontalPodAutoscaler),
        ]);

    [Fact]
    public void A_typo_is_found()
    {
        string deployment =
            File.ReadAllText(Manifests.Files.Single(file => Path.GetFileName(file) == "deployment.yaml"));

        Should.Throw<YamlException>(() =>
            Manifests.Parse(deployment.Replace("readinessProbe:", "readynessProbe:", StringComparison.Ordinal))
            .ToList());
        Should.Throw<YamlException>(() =>
            Manifests.Parse(deployment.Replace("periodSeconds: 2", "periodSeconds: two", StringComparison.Ordinal))
            .ToList());
    }

    /// <summary>The client's types know what may be there; the schemas know what must be.</summary>
    [Fact]
    public async Task The_manifests_match_the_schemas_of_Kubernetes()
    {
        (int exitCode, string output, string error) =
            await CommandLine.RunNodeAsync("manifests.mjs", [.. Manifests.Files]);

        exitCode.ShouldBe(0, output + error);
    }

    [Fact]
    public async Task Missing_tensors_are_found()
    {
        string text = await File.ReadAllTextAsync(
            Path.Combine(Manifests.Folder, "horizontal-pod-autoscaler.yaml"), TestContext.Current.CancellationToken);

        (int exitCode, string output, _) = await CommandLine.RunNodeOnTextAsync(
            "manifests.mjs", text.Replace("  maxReplicas: 30\n", "", StringComparison.Ordinal));

        exitCode.ShouldBe(1);
        output.ShouldContain("must have required property maxReplicas");
    }

    [Fact]
    public void Every_manifest_is_applied_by_its_kustomization()
    {
        foreach (IGrouping<string, string> folder in Manifests.Files.GroupBy(file => Path.GetDirectoryName(file)!))
        {
            YamlDocument.Load(folder.Key, "kustomization.yaml")["resources"]!.AsArray().Select(file => file!.ToString())
                .ShouldBe(folder.Select(file => Path.GetFileName(file)), ignoreOrder: true);
        }
    }

    [Theory]
    [MemberData(nameof(Pods))]
    public void Pods_meet_the_restricted_pod_security_standard(string kind)
    {
        V1PodSpec pod = Pod(kind);

        pod.SecurityContext.RunAsNonRoot.ShouldBe(true);
        pod.SecurityContext.RunAsUser.ShouldBe(Dockerfile.User);
        pod.SecurityContext.SeccompProfile.Type.ShouldBe("RuntimeDefault");
        pod.AutomountServiceAccountToken.ShouldBe(false);
        (pod.HostNetwork ?? pod.HostPID ?? pod.HostIPC ?? false).ShouldBeFalse();
        pod.Volumes.ShouldAllBe(volume => volume.HostPath == null);
        foreach (V1Container container in pod.Containers)
        {
            container.SecurityContext.AllowPrivilegeEscalation.ShouldBe(false);
            container.SecurityContext.ReadOnlyRootFilesystem.ShouldBe(true);
            container.SecurityContext.Capabilities.Drop.ShouldBe(["ALL"]);
            container.SecurityContext.Capabilities.Add.ShouldBeNull();
            container.SecurityContext.Privileged.ShouldNotBe(true);
        }
    }

    [Theory]
    [MemberData(nameof(Pods))]
    public void Pods_have_requests_and_limits(string kind)
    {
        foreach (V1Container container in Pod(kind).Containers)
        {
            foreach (string resource in new[] { "cpu", "memory" })
            {
                decimal request = container.Resources.Requests[resource].ToDecimal();
                request.ShouldBeGreaterThan(0);
                container.Resources.Limits[resource].ToDecimal().ShouldBeGreaterThanOrEqualTo(request);
            }
        }
    }

    [Theory]
    [InlineData("Deployment")]
    [InlineData("InferenceService")]
    public void A_pod_has_enough_time_to_stop(string kind)
    {
        V1PodSpec pod = Pod(kind);
        ServiceOptions options = Read(Settings(pod.Containers.Single()));
        long preStop = pod.Containers.Single().Lifecycle?.PreStop.Sleep.Seconds ?? 0;

        TimeSpan stopping = TimeSpan.FromSeconds(preStop) + options.ShutdownGrace + options.ShutdownTimeout;

        TimeSpan.FromSeconds(pod.TerminationGracePeriodSeconds ?? 0).ShouldBeGreaterThanOrEqualTo(stopping + Slack);
    }

    [Theory]
    [InlineData("Deployment")]
    [InlineData("InferenceService")]
    public void Settings_exist_and_accept_the_values(string kind)
    {
        Dictionary<string, string?> settings = Settings(Pod(kind).Containers.Single());
        settings.ShouldNotBeEmpty();

        Read(settings);
    }

    [Fact]
    public void The_published_port_is_the_service_s()
    {
        int[] ports = [Dockerfile.Port, Dockerfile.GrpcPort];
        Manifests.Service.Ports.Select(port => port.ContainerPort).ShouldBe(ports);
        Manifests.Service.Env.Single(variable =>
            variable.Name == "MNIST_GRPC_PORT").Value.ShouldBe(Text(Dockerfile.GrpcPort));
        Manifests.Service.Env.Single(variable =>
            variable.Name == "ASPNETCORE_HTTP_PORTS").Value.ShouldBe(Text(Dockerfile.Port));
        Manifests.Deployment.Spec.Template.Metadata.Annotations["prometheus.io/port"].ShouldBe(Text(Dockerfile.Port));
        InferenceService.Pod.Containers.Single().Ports.Select(port => port.ContainerPort).ShouldBe(ports);
        InferenceService.Pod.Containers.Single().Ports[1].Name.ShouldBe("h2c");
        InferenceService.Pod.Containers.Single().Env.Single(variable =>
            variable.Name == "MNIST_GRPC_PORT").Value.ShouldBe(Text(Dockerfile.GrpcPort));

        string[] names = ["http", "h2c"];
        string name = names[0];
        Manifests.Service.Ports.Select(port => port.Name).ShouldBe(names);
        Manifests.All.OfType<V1Service>().Single().Spec.Ports.Select(port => port.TargetPort.Value).ShouldBe(names);
        Manifests.All.OfType<V1NetworkPolicy>().Single().Spec.Ingress.Single().Ports.Select(port => port.Port.Value)
            .ShouldBe(names);
        foreach (V1Probe probe in new[] { Manifests.Service.StartupProbe, Manifests.Service.ReadinessProbe,
            Manifests.Service.LivenessProbe })
        {
            probe.HttpGet.Port.Value.ShouldBe(name);
        }
    }

    [Fact]
    public async Task Probes_use_addresses_that_the_service_answers()
    {
        Manifests.Service.StartupProbe.HttpGet.Path.ShouldBe(HealthApi.ReadyPath);
        Manifests.Service.ReadinessProbe.HttpGet.Path.ShouldBe(HealthApi.ReadyPath);
        Manifests.Service.LivenessProbe.HttpGet.Path.ShouldBe(HealthApi.LivePath);
        V1Container kserve = InferenceService.Pod.Containers.Single();

        await using RunningService service = await RunningService.StartAsync();
        foreach (V1Probe probe in new[]
        {
            Manifests.Service.StartupProbe, Manifests.Service.ReadinessProbe, Manifests.Service.LivenessProbe,
            kserve.ReadinessProbe, kserve.LivenessProbe,
        })
        {
            using HttpResponseMessage response =
                await service.Client.GetAsync(probe.HttpGet.Path, TestContext.Current.CancellationToken);
            response.IsSuccessStatusCode.ShouldBeTrue(probe.HttpGet.Path);
        }
    }

    [Fact]
    public void Everything_selects_the_pods_of_the_deployment()
    {
        IDictionary<string, string> labels = Manifests.Deployment.Spec.Template.Metadata.Labels;

        Manifests.Deployment.Spec.Selector.MatchLabels.ShouldBeSubsetOf(labels);
        Manifests.All.OfType<V1Service>().Single().Spec.Selector.ShouldBeSubsetOf(labels);
        Manifests.All.OfType<V1PodDisruptionBudget>().Single().Spec.Selector.MatchLabels.ShouldBeSubsetOf(labels);
        Manifests.All.OfType<V1NetworkPolicy>().Single().Spec.PodSelector.MatchLabels.ShouldBeSubsetOf(labels);
        Manifests.Deployment.Spec.Template.Spec.TopologySpreadConstraints.Select(constraint => constraint.TopologyKey)
            .ShouldBe(["topology.kubernetes.io/zone", "kubernetes.io/hostname"]);
        foreach (
            V1TopologySpreadConstraint constraint in Manifests.Deployment.Spec.Template.Spec.TopologySpreadConstraints)
        {
            constraint.LabelSelector.MatchLabels.ShouldBeSubsetOf(labels);
        }

        Manifests.Job.Spec.Template.Metadata.Labels.ShouldNotContain(label =>
            labels.Contains(label) && label.Key == "app.kubernetes.io/component");
    }

    [Fact]
    public void The_autoscaler_scales_the_deployment_and_leaves_more_than_the_budget_may_disrupt()
    {
        V2HorizontalPodAutoscaler autoscaler = Manifests.All.OfType<V2HorizontalPodAutoscaler>().Single();
        V1PodDisruptionBudget budget = Manifests.All.OfType<V1PodDisruptionBudget>().Single();

        autoscaler.Spec.ScaleTargetRef.Name.ShouldBe(Manifests.Deployment.Metadata.Name);
        autoscaler.Spec.ScaleTargetRef.Kind.ShouldBe(Manifests.Deployment.Kind);
        autoscaler.Spec.MinReplicas!.Value.ShouldBeGreaterThan(
            int.Parse(budget.Spec.MaxUnavailable.Value, CultureInfo.InvariantCulture));
        Manifests.Deployment.Spec.Replicas.ShouldBeNull("a number here would undo the autoscaler's with every apply");
    }

    [Fact]
    public void The_job_has_one_part_per_pod()
    {
        V1Container container = Manifests.Job.Spec.Template.Spec.Containers.Single();
        string part = container.Args[container.Args.IndexOf("--shard") + 1];

        Manifests.Job.Spec.CompletionMode.ShouldBe("Indexed");
        part.ShouldBe($"$(JOB_COMPLETION_INDEX)/{Manifests.Job.Spec.Completions}");
        container.Env.Single().Name.ShouldBe("JOB_COMPLETION_INDEX");
        container.Env.Single().ValueFrom.FieldRef.FieldPath.ShouldBe(
            "metadata.annotations['batch.kubernetes.io/job-completion-index']");
        Manifests.Job.Spec.PodFailurePolicy.Rules[0].OnExitCodes.ContainerName.ShouldBe(container.Name);
    }

    [Fact]
    public void KServe_is_told_which_protocol_the_service_speaks()
    {
        InferenceService.Document["apiVersion"]!.ToString().ShouldBe("serving.kserve.io/v1beta1");
        InferenceService.Document["kind"]!.ToString().ShouldBe("InferenceService");
        InferenceService.Predictor["scaleMetric"]!.ToString().ShouldBeOneOf("cpu", "memory", "concurrency", "rps");

        V1Container container = InferenceService.Pod.Containers.Single();

        container.Name.ShouldBe("kserve-container");
        container.Env.Single(variable => variable.Name == "PROTOCOL").Value.ShouldBe("v2");
    }

    [Fact]
    public void Images_carry_the_version_of_the_program()
    {
        foreach (string folder in Manifests.Files.Select(file => Path.GetDirectoryName(file)!).Distinct())
        {
            foreach (var image in YamlDocument.Load(folder, "kustomization.yaml")["images"]!.AsArray())
            {
                image!["newTag"]!.ToString().ShouldBe(Dockerfile.ProductVersion);
            }
        }

        InferenceService.Pod.Containers.Single().Image.ShouldEndWith($":{Dockerfile.ProductVersion}");
    }

    private static V1PodSpec Pod(string kind) => kind switch
    {
        "Deployment" => Manifests.Deployment.Spec.Template.Spec,
        "Job" => Manifests.Job.Spec.Template.Spec,
        _ => InferenceService.Pod,
    };

    /// <summary>The service's settings among the container's environment.</summary>
    private static Dictionary<string, string?> Settings(V1Container container)
    {
        var settings = new Dictionary<string, string?>();
        foreach (V1EnvVar variable in container.Env.Where(variable =>
            variable.Name.StartsWith(Setting.VariablePrefix, StringComparison.Ordinal)))
        {
            settings.Add(variable.Name, variable.Value);
        }

        if (container.EnvFrom is not null)
        {
            var generated = YamlDocument.Load(
                "deploy", "kubernetes", "kustomization.yaml")["configMapGenerator"]!.AsArray().Single()!;
            container.EnvFrom.Single().ConfigMapRef.Name.ShouldBe(generated["name"]!.ToString());
            foreach (var literal in generated["literals"]!.AsArray())
            {
                string[] parts = literal!.ToString().Split('=', 2);
                settings.Add(parts[0], parts[1]);
            }
        }

        return settings;
    }

    /// <summary>Reads the settings as the service does at its start.</summary>
    private static ServiceOptions Read(Dictionary<string, string?> settings)
    {
        var reader = new SettingReader(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        var options = ServiceOptions.Read(reader);
        settings.Keys.ShouldBeSubsetOf(reader.Settings.Select(setting => setting.Variable));
        return options;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
