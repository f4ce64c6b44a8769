using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s.Models;
using Microsoft.Extensions.Configuration;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;

namespace MnistLstm.Deploy.Tests;

/// <summary>
/// docs/operations.md and docs/reliability.md say what the files of the deployment, the programs and the measurements
/// do.
/// </summary>
public sealed partial class DocumentationTests
{
    private const double PicturesASecond = 1_000_000 / 60.0;
    private const double Busy = 0.7;
    private const int CoresAReplica = 2;

    private static readonly string Operating = File.ReadAllText(Repository.PathOf("docs", "operations.md"));
    private static readonly string Reliability = File.ReadAllText(Repository.PathOf("docs", "reliability.md"));

    [Fact]
    public void Every_profile_is_in_the_table_with_the_ports_that_it_opens()
    {
        var profiles = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach ((_, JsonNode? service) in YamlDocument.Load("docker-compose.yml")["services"]!.AsObject())
        {
            string profile = service!["profiles"]?.AsArray().Single()!.ToString() ?? "none";
            List<string> ports = profiles.TryGetValue(profile, out List<string>? known)
                ? known
                : profiles[profile] = [];
            ports.AddRange(service["ports"]?.AsArray().Select(port => port!.ToString().Split(':')[^2]) ?? []);
        }

        string[][] rows = MarkdownTable.Rows(Operating, "| profile | adds |");

        rows.Select(row => row[0].Trim('`')).ShouldBe(profiles.Keys, ignoreOrder: true);
        foreach (string[] row in rows)
        {
            Port().Matches(row[1]).Select(port => port.Groups[1].Value).ShouldBe(profiles[row[0].Trim('`')], row[0]);
        }
    }

    [Fact]
    public void Every_manifest_is_in_the_table_with_its_figures()
    {
        var table = MarkdownTable.Rows(Operating, "| file | what it does |")
            .ToDictionary(row => row[0].Trim('`'), row => row[1]);
        V2HorizontalPodAutoscaler autoscaler = Manifests.All.OfType<V2HorizontalPodAutoscaler>().Single();
        V2MetricSpec cpu = autoscaler.Spec.Metrics.Single();
        IList<V1ServicePort> ports = Manifests.All.OfType<V1Service>().Single().Spec.Ports;

        table.Keys.ShouldBe(
            Directory.EnumerateFiles(Manifests.Folder).Select(file => Path.GetFileName(file))
            .Append("evaluate/"), ignoreOrder: true);
        table["deployment.yaml"]
            .ShouldContain($"{Word(Manifests.Service.Lifecycle.PreStop.Sleep.Seconds)} seconds of `preStop`");
        table["service.yaml"].ShouldBe(
            $"port {ports[0].Port} to the container's {Dockerfile.Port}, port {ports[1].Port} (h2c, gRPC) to its "
            + $"{Dockerfile.GrpcPort}");
        table["horizontal-pod-autoscaler.yaml"].ShouldBe(
            $"{autoscaler.Spec.MinReplicas} to {autoscaler.Spec.MaxReplicas} replicas by CPU "
            + $"({cpu.Resource.Target.AverageUtilization} %)");
        Manifests.All.OfType<V1PodDisruptionBudget>().Single().Spec.MaxUnavailable.Value.ShouldBe("1");
        table["pod-disruption-budget.yaml"].ShouldStartWith("at most one replica fewer");
        table["evaluate/"].ShouldContain($"in {Word(Manifests.Job.Spec.Completions!.Value)} parts");
        table["evaluate/"].ShouldContain($"--shard I/{Manifests.Job.Spec.Completions}");
    }

    [Fact]
    public void Every_alert_is_in_the_table_with_its_severity_and_its_words()
    {
        JsonArray rules = YamlDocument.Load("deploy", "monitoring", "alerts.yml")["groups"]![0]!["rules"]!.AsArray();
        string expected = MarkdownTable.Write(rules.Select(rule => new[]
        {
            $"`{rule!["alert"]}`", rule["labels"]!["severity"]!.ToString(), rule["for"]?.ToString() ?? "at once",
            rule["annotations"]!["summary"]!.ToString()
            .Replace("{{ $labels.instance }}", "a replica", StringComparison.Ordinal),
        }));

        string written =
            MarkdownTable.Write(MarkdownTable.Rows(Operating, "| alert | severity | after | what it says |"));

        (written == expected).ShouldBeTrue($"The table of alerts is to be:\n{expected}");
    }

    [Fact]
    public void Every_limit_in_the_table_is_a_setting_and_every_rejection_a_problem()
    {
        var settings = new SettingReader(new ConfigurationBuilder().Build());
        ServiceOptions.Read(settings);
        string[][] rows = MarkdownTable.Rows(Operating, "| what | bound | refusal |");

        rows.SelectMany(row => Option().Matches(row[1])).Select(option => option.Value)
            .ShouldBeSubsetOf(settings.Settings.Select(setting => setting.Option));
        foreach (Match refusal in rows.SelectMany(row => Refusal().Matches(row[2])))
        {
            ProblemType.All.Single(type => type.Slug == refusal.Groups["type"].Value).Status
                .ShouldBe(int.Parse(refusal.Groups["status"].ValueSpan, CultureInfo.InvariantCulture), refusal.Value);
        }
    }

    /// <summary>From the processor time of a request at 64 connections.</summary>
    [Fact]
    public void Capacity_follows_from_what_was_measured()
    {
        string measured = File.ReadAllText(Repository.PathOf("bench", "results", "amd-epyc-2-cores.md"));
        string expected = MarkdownTable.Write(Measured().Matches(measured).Select(match =>
        {
            double milliseconds = double.Parse(match.Groups["cpu"].ValueSpan, CultureInfo.InvariantCulture);
            double cores = PicturesASecond * milliseconds / 1000 / Busy;
            return new[]
            {
                match.Groups["picture"].Value, match.Groups["cpu"].Value, RoundToThreeDigits(1000 / milliseconds)
                    .ToString("N0", CultureInfo.InvariantCulture),
                cores.ToString("F1", CultureInfo.InvariantCulture), $"{Math.Ceiling(cores / CoresAReplica) + 1}",
            };
        }));
        Manifests.Service.Resources.Limits["cpu"].ToInt32().ShouldBe(CoresAReplica);

        string written = MarkdownTable.Write(MarkdownTable.Rows(
            Operating,
            "| pictures | CPU ms a picture | pictures a second and core | cores for a million a minute, 70 % busy | "
            + "replicas of 2 cores, one to spare |"));

        (written == expected).ShouldBeTrue($"The table of capacity is to be:\n{expected}");
        Operating.ShouldContain($"{Memory().Match(measured).Groups[1].Value} MiB were resident at most");
    }

    [Fact]
    public void Every_promise_names_an_existing_program_or_test()
    {
        string script = File.ReadAllText(Repository.PathOf("bench", "faults.sh"));
        string[] names = [.. MarkdownTable.Rows(Reliability, "| what happens | what is promised | tried by |")
            .Select(row => row[2].Trim('`'))];
        string[] runs = [.. names.Where(name => name.StartsWith("bench/faults.sh ", StringComparison.Ordinal))];

        // "replicas [SECONDS]    three replicas behind nginx, killed, frozen, drained; 60 s"
        runs.ShouldBe(Run().Matches(script).Select(run =>
            $"bench/faults.sh {run.Groups["name"].Value} {run.Groups["count"].Value}"), ignoreOrder: true);
        foreach (string name in names.Except(runs))
        {
            (File.Exists(Repository.PathOf(name))
                || Directory.EnumerateFiles(Repository.PathOf("tests"), $"{name}.cs", SearchOption.AllDirectories)
                .Any())
                .ShouldBeTrue(name);
        }

        string[] figures = [.. MarkdownTable.Rows(Reliability, "| run | figures |")
            .Select(row => FirstWord().Match(row[0]).Groups[1].Value)];
        Run().Matches(script).Select(run => run.Groups["name"].Value).ShouldBeSubsetOf(figures);
    }

    private static double RoundToThreeDigits(double number)
    {
        double digit = Math.Pow(10, Math.Floor(Math.Log10(number)) - 2);
        return Math.Round(number / digit) * digit;
    }

    private static string Word(long number) => number switch
    {
        3 => "three",
        8 => "eight",
        _ => number.ToString(CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"port (\d+)")]
    private static partial Regex Port();

    [GeneratedRegex("--[a-z-]+")]
    private static partial Regex Option();

    [GeneratedRegex(@"(?<status>\d{3}) `(?<type>[a-z-]+)`")]
    private static partial Regex Refusal();

    [GeneratedRegex(
        @"^## (?<picture>[^,\n]+), .*?\| 64 at a time, closed \| this service \| [^|]+ \| [^|]+ \| (?<cpu>[\d.]+) \|",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Measured();

    [GeneratedRegex(@"\| this service \| \d+ ms \| (\d+) MiB \|")]
    private static partial Regex Memory();

    [GeneratedRegex(@"^#.*bench/faults\.sh (?<name>\w+) +\[\w+\].*; (?<count>\d+)( s)?$", RegexOptions.Multiline)]
    private static partial Regex Run();

    [GeneratedRegex(@"^`(\w+)")]
    private static partial Regex FirstWord();
}
