using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MnistLstm.Deploy.Tests;

public sealed partial class WorkflowTests
{
    public static TheoryData<string> Workflows =>
        [.. Directory.EnumerateFiles(Repository.PathOf(".github", "workflows")).Select(file => Path.GetFileName(file)!)];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Actions_are_pinned_to_a_commit_with_its_version_beside(string workflow)
    {
        string[] uses = [.. File.ReadLines(Repository.PathOf(".github", "workflows", workflow)).Where(line => line.Contains("uses:", StringComparison.Ordinal))];

        uses.ShouldNotBeEmpty();
        uses.ShouldAllBe(line => Pinned().IsMatch(line));
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Nothing_is_permitted_but_what_a_job_asks_for(string workflow)
    {
        JsonNode document = YamlDocument.Load(".github", "workflows", workflow);

        document["permissions"]!.AsObject().Count.ShouldBe(0);
        foreach ((string name, JsonNode? job) in document["jobs"]!.AsObject())
        {
            job!["permissions"]!.ToJsonString().ShouldBe("""{"contents":"read"}""", name);
            job["timeout-minutes"].ShouldNotBeNull(name);
        }
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Scripts_that_are_run_are_there(string workflow)
    {
        string text = File.ReadAllText(Repository.PathOf(".github", "workflows", workflow));

        MatchCollection scripts = Script().Matches(text);

        scripts.ShouldNotBeEmpty();
        scripts.ShouldAllBe(script => File.Exists(Repository.PathOf(script.Value)));
    }

    [GeneratedRegex(@"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")]
    private static partial Regex Pinned();

    [GeneratedRegex(@"\./?[\w/.-]+\.sh")]
    private static partial Regex Script();
}
