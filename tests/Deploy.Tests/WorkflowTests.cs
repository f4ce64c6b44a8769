using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MnistLstm.Deploy.Tests;

public sealed partial class WorkflowTests
{
    /// <summary>The permissions that jobs need beyond reading the repository.</summary>
    private static readonly Dictionary<string, string> MorePermissions = new()
    {
        ["codeql.yml: analyze"] = """{"contents":"read","security-events":"write"}""",
        ["release.yml: images"] =
            """{"contents":"read","packages":"write","id-token":"write","attestations":"write"}""",
        ["release.yml: tool"] = """{"contents":"read","id-token":"write","attestations":"write"}""",
        ["release.yml: release"] = """{"contents":"write"}""",
    };

    public static TheoryData<string> Workflows =>
        [.. Directory.EnumerateFiles(Repository.PathOf(".github", "workflows"))
            .Select(file => Path.GetFileName(file)!)];

    [Theory]
    [MemberData(nameof(Workflows))]
    public async Task GitHub_s_own_parser_finds_nothing_wrong(string workflow)
    {
        (int exitCode, string output, string error) =
            await CommandLine.RunNodeAsync("workflow.mjs", Repository.PathOf(".github", "workflows", workflow));

        exitCode.ShouldBe(0, output + error);
    }

    [Fact]
    public async Task A_typo_is_found()
    {
        string text = await File.ReadAllTextAsync(
            Repository.PathOf(".github", "workflows", "ci.yml"), TestContext.Current.CancellationToken);

        (int exitCode, string output, _) = await CommandLine.RunNodeOnTextAsync(
            "workflow.mjs", text.Replace("timeout-minutes:", "timeout-minuts:", StringComparison.Ordinal));

        exitCode.ShouldBe(1);
        output.ShouldContain("Unexpected value 'timeout-minuts'");
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Actions_are_pinned_to_a_commit_with_its_version_beside(string workflow)
    {
        string[] uses = [.. File.ReadLines(Repository.PathOf(".github", "workflows", workflow))
            .Where(line => line.Contains("uses:", StringComparison.Ordinal))];

        uses.ShouldNotBeEmpty();
        uses.ShouldAllBe(line => Pinned().IsMatch(line));
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void A_job_has_only_the_permissions_that_it_requests(string workflow)
    {
        JsonNode document = YamlDocument.Load(".github", "workflows", workflow);

        document["permissions"]!.AsObject().Count.ShouldBe(0);
        foreach ((string name, JsonNode? job) in document["jobs"]!.AsObject())
        {
            string id = $"{workflow}: {name}";
            job!["permissions"]!.ToJsonString()
                .ShouldBe(MorePermissions.GetValueOrDefault(id, """{"contents":"read"}"""), id);
            (job["timeout-minutes"] ?? job["uses"]).ShouldNotBeNull(id);
        }
    }

    /// <summary>
    /// Without MNIST, test.sh skips the tests that need it, and the job does not count skipped tests as failed.
    /// </summary>
    [Fact]
    public void A_failed_download_of_MNIST_fails_the_tests()
    {
        JsonArray steps = YamlDocument.Load(".github", "workflows", "ci.yml")["jobs"]!["test"]!["steps"]!.AsArray();

        string?[] commands = [.. steps.Select(step => (string?)step!["run"])];

        int download = Array.IndexOf(commands, "dotnet run --project src/Trainer -c Release -- data");
        download.ShouldBeInRange(0, Array.IndexOf(commands, "./test.sh") - 1);
        steps[download]!["continue-on-error"].ShouldBeNull();
    }

    [Fact]
    public void Scripts_in_workflows_exist()
    {
        string[] scripts =
        [
            .. Directory.EnumerateFiles(Repository.PathOf(".github", "workflows"))
                .SelectMany(file => Script().Matches(File.ReadAllText(file))).Select(match => match.Value).Distinct()
        ];

        scripts.Length.ShouldBeGreaterThan(5);
        scripts.ShouldAllBe(script => File.Exists(Repository.PathOf(script)));
    }

    [Theory]
    [InlineData("test", "tests/Deploy.Tests")]
    [InlineData("other-systems", "tests/Trainer.Tests")]
    public void Tests_run_on_the_systems_that_the_README_promises(string job, string project)
    {
        JsonNode found = YamlDocument.Load(".github", "workflows", "ci.yml")["jobs"]![job]!;
        string[] commands = [.. found["steps"]!.AsArray().Select(step => (string?)step!["run"] ?? "")];

        commands.ShouldContain(command =>
            command == "./test.sh" || command.Contains(project, StringComparison.Ordinal));
        if (job == "other-systems")
        {
            found["strategy"]!["matrix"]!["system"]!.AsArray().Select(system => system!.ToString().Split('-')[0])
                .ShouldBe(["windows", "macos"]);
        }
    }

    [GeneratedRegex(@"uses: ([\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\./\.github/workflows/ci\.yml)$")]
    private static partial Regex Pinned();

    [GeneratedRegex(@"\./?[\w/.-]+\.sh")]
    private static partial Regex Script();
}
