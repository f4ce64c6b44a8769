using System.Text.Json.Nodes;

namespace MnistLstm.Deploy.Tests;

/// <summary>Files that GitHub reads, and scripts that its workflows run.</summary>
public sealed class CommunityTests
{
    [Theory]
    [InlineData("bug.yml")]
    [InlineData("idea.yml")]
    [InlineData("misread.yml")]
    public void An_issue_form_has_what_GitHub_requires(string form)
    {
        JsonNode document = YamlDocument.Load(".github", "ISSUE_TEMPLATE", form);

        ((string?)document["name"]).ShouldNotBeNullOrWhiteSpace();
        ((string?)document["description"]).ShouldNotBeNullOrWhiteSpace();
        JsonArray body = document["body"]!.AsArray();
        body.ShouldNotBeEmpty();
        body.Select(field => (string)field!["id"]!).ShouldBeUnique();
        body.ShouldAllBe(field => ((string?)field!["attributes"]!["label"]) != null);
        body.ShouldAllBe(field =>
            field!["type"]!.ToString() != "dropdown" || field["attributes"]!["options"]!.AsArray().Count > 1);
    }

    [Fact]
    public void Dependabot_checks_every_kind_of_dependency()
    {
        JsonArray updates = YamlDocument.Load(".github", "dependabot.yml")["updates"]!.AsArray();

        updates.Select(update => (string)update!["package-ecosystem"]!)
            .ShouldBe(["nuget", "npm", "github-actions", "docker", "docker-compose", "devcontainers"]);
        string[] watched =
            [.. updates[1]!["directories"]!.AsArray().Select(folder => folder!.ToString().TrimStart('/'))];
        string[] locked =
        [
            .. Directory.EnumerateFiles(Repository.PathOf("tests"), "package-lock.json", new EnumerationOptions
            {
                MaxRecursionDepth = 1,
                RecurseSubdirectories = true,
            })
                .Select(file => Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(file)!).Replace('\\', '/'))
        ];
        watched.ShouldBe(locked, ignoreOrder: true);
    }

    [Fact]
    public async Task A_model_that_does_not_match_its_card_fails_the_check()
    {
        using var copy = new TemporaryCopy("scripts/check-models.sh", "models/seed.onnx", "models/seed.card.json");

        (int exitCode, string output, string error) = await copy.RunAsync("scripts/check-models.sh");
        exitCode.ShouldBe(0, output + error);
        output.ShouldBe("seed.onnx: OK\n");

        await File.AppendAllTextAsync(copy.PathOf("models/seed.onnx"), "!", TestContext.Current.CancellationToken);
        (exitCode, output, _) = await copy.RunAsync("scripts/check-models.sh");
        exitCode.ShouldBe(1);
        output.ShouldBe("seed.onnx: FAILED\n");
    }

    [Fact]
    public async Task A_release_has_the_notes_of_its_version()
    {
        using var copy = new TemporaryCopy("scripts/release-notes.sh", "Directory.Build.props");
        string version = Dockerfile.ProductVersion;

        await File.WriteAllTextAsync(copy.PathOf("CHANGELOG.md"), $"""
            # Changelog

            ## [Unreleased]
            - Not out yet.

            ## [{version}] - 2026-11-29
            ### Added
            - A first release.

            ## [0.0.1] - 2026-11-01
            - Older.

            """, TestContext.Current.CancellationToken);

        (int exitCode, string output, string error) = await copy.RunAsync("scripts/release-notes.sh", "v" + version);
        exitCode.ShouldBe(0, error);
        output.Trim().ShouldBe("### Added\n- A first release.");

        (exitCode, _, error) = await copy.RunAsync("scripts/release-notes.sh", "v9.9.9");
        exitCode.ShouldBe(1);
        error.ShouldBe($"The tag is v9.9.9, and the version in Directory.Build.props is {version}.\n");

        await File.WriteAllTextAsync(
            copy.PathOf("CHANGELOG.md"), "# Changelog\n\n## [Unreleased]\n", TestContext.Current.CancellationToken);
        (exitCode, _, error) = await copy.RunAsync("scripts/release-notes.sh", "v" + version);
        exitCode.ShouldBe(1);
        error.ShouldContain($"no section '## [{version}]");
    }

    /// <summary>Some files of the repository in a folder of their own.</summary>
    private sealed class TemporaryCopy : IDisposable
    {
        private readonly string _root = Directory.CreateTempSubdirectory("copy-").FullName;

        public TemporaryCopy(params string[] files)
        {
            foreach (string file in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(PathOf(file))!);
                File.Copy(Repository.PathOf(file), PathOf(file));
            }
        }

        public string PathOf(string file) => Path.Combine(_root, file);

        public Task<(int ExitCode, string Output, string Error)> RunAsync(string script, params string[] arguments) =>
            CommandLine.RunAsync(CommandLine.Find("bash"), [PathOf(script), .. arguments]);

        public void Dispose() => Directory.Delete(_root, recursive: true);
    }
}
