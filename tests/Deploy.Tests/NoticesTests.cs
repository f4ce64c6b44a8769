using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace MnistLstm.Deploy.Tests;

/// <summary>The programs and images contain the notices that the packages' licenses require.</summary>
public sealed class NoticesTests
{
    /// <summary>Set to 1 to write the file after a change of packages.</summary>
    private const string UpdateVariable = "UPDATE_SNAPSHOTS";

    private const string Heading = """
        Third-party notices

        The service and the trainer contain these packages. The texts of the licenses are in the folder licenses/ beside
        this file; a published program has there what the packages themselves say, too.


        """;

    private static readonly string NoticesPath = Repository.PathOf("THIRD-PARTY-NOTICES.txt");

    private static readonly string PackagesFolder = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    [Fact]
    public void The_notices_match_the_restored_packages()
    {
        string expected = Heading + string.Join('\n', Packages("Api").Union(Packages("Trainer"))
            .OrderBy(package => package.Id, StringComparer.OrdinalIgnoreCase).Select(Entry));
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            File.WriteAllText(NoticesPath, expected);
        }

        File.ReadAllText(NoticesPath).ShouldBe(
            expected,
            $"The packages changed: run this test with {UpdateVariable}=1 and commit THIRD-PARTY-NOTICES.txt.");
    }

    [Fact]
    public void The_text_of_every_license_is_included()
    {
        string[] expressions =
            [.. Packages("Api").Union(Packages("Trainer")).Select(License).Where(IsExpression).Distinct()];

        expressions.ShouldNotBeEmpty();
        expressions.ShouldAllBe(license => File.Exists(Repository.PathOf("licenses", license + ".txt")));
    }

    [Theory]
    [InlineData("Api", "linux-x64")]
    [InlineData("Api", "linux-arm64")]
    [InlineData("Trainer", "linux-x64")]
    public async Task A_published_program_has_the_notices_of_its_packages(string project, string runtime)
    {
        (int exitCode, string output, string error) = await CommandLine.RunAsync(
            CommandLine.Find("dotnet"), "msbuild", $"src/{project}/{project}.csproj", "-p:Configuration=Release",
            $"-p:RuntimeIdentifier={runtime}", "-p:BuildProjectReferences=false",
            "-t:ComputeResolvedFilesToPublishList",
            "-getItem:ResolvedFileToPublish");
        exitCode.ShouldBe(0, output + error);

        string[] published =
        [
            .. JsonNode.Parse(output)!["Items"]!["ResolvedFileToPublish"]!.AsArray()
                .Select(file => file!["RelativePath"]!.ToString().Replace('\\', '/'))
        ];
        string[] own = [.. Directory.EnumerateFiles(Repository.PathOf("licenses"))
            .Select(file => $"licenses/{Path.GetFileName(file)}")];
        string[] theirs =
        [
            .. Packages(project).Where(package => IsPublished(package, runtime))
                .SelectMany(package => NoticeFiles(package).Select(file => $"licenses/{package.Id}/{file}"))
        ];
        theirs.ShouldNotBeEmpty();
        published.ShouldBeUnique();
        string[] expected = ["LICENSE", "THIRD-PARTY-NOTICES.txt", .. own, .. theirs];
        expected.Except(published).ShouldBeEmpty();
    }

    /// <summary>
    /// The Dockerfile publishes from what it copies: without these the files above would be missing in the images.
    /// </summary>
    [Fact]
    public void The_images_are_built_with_the_notices()
    {
        Dockerfile.Text.ShouldContain("COPY LICENSE THIRD-PARTY-NOTICES.txt ./\nCOPY licenses licenses\n");
        string[] sent = File.ReadAllLines(Repository.PathOf(".dockerignore"));
        sent.ShouldContain("!LICENSE");
        sent.ShouldContain("!THIRD-PARTY-NOTICES.txt");
        sent.ShouldContain("!licenses");
    }

    private static string Entry(Package package)
    {
        XElement metadata = Metadata(package);
        var entry = new StringBuilder($"{package.Id} {package.Version}\n");
        entry.Append($"  License: {License(package)}\n");
        string copyright = Value(metadata, "copyright") is { Length: > 0 } line
            ? line
            : $"Copyright {Value(metadata, "authors")}";
        entry.Append($"  {copyright}\n");
        if ((Value(metadata, "projectUrl") ?? metadata.Elements()
            .SingleOrDefault(IsRepository)?.Attribute("url")?.Value) is { } url)
        {
            entry.Append($"  {url}\n");
        }

        return entry.ToString();
    }

    /// <summary>An SPDX expression, or the first line of the file that the package has instead.</summary>
    private static string License(Package package)
    {
        XElement license = Metadata(package).Elements().Single(element => element.Name.LocalName == "license");
        return license.Attribute("type")!.Value == "expression"
            ? license.Value
            : $"{File.ReadLines(Path.Combine(Folder(package), license.Value)).First().Trim()} ({license.Value})";
    }

    private static bool IsExpression(string license) => !license.EndsWith(')');

    private static bool IsRepository(XElement element) => element.Name.LocalName == "repository";

    private static IEnumerable<Package> Packages(string project) =>
        JsonNode.Parse(
            File.ReadAllText(Repository.PathOf("src", project, "packages.lock.json")))!["dependencies"]!.AsObject()
            .SelectMany(framework => framework.Value!.AsObject())
            .Where(package => package.Value!["type"]!.ToString() != "Project")
            .Select(package => new Package(package.Key, package.Value!["resolved"]!.ToString()))
            .Distinct()
            .Where(package => Value(Metadata(package), "developmentDependency") != "true");

    /// <summary>
    /// Packages that only name others, or have the libraries of another system, have no file in the program.
    /// </summary>
    private static bool IsPublished(Package package, string runtime) =>
        Directory.Exists(Path.Combine(Folder(package), "runtimes", runtime, "native"))
        || (Path.Combine(Folder(package), "lib") is var library && Directory.Exists(library)
            && Directory.EnumerateFiles(library, "*.dll", SearchOption.AllDirectories).Any());

    private static IEnumerable<string> NoticeFiles(Package package) =>
        Directory.EnumerateFiles(Folder(package)).Select(file => Path.GetFileName(file)!)
            .Where(name => name.StartsWith("LICENSE", StringComparison.OrdinalIgnoreCase)
                || name.Contains("NOTICE", StringComparison.OrdinalIgnoreCase));

    private static XElement Metadata(Package package)
    {
        string path = Path.Combine(Folder(package), package.Id.ToLowerInvariant() + ".nuspec");
        File.Exists(path).ShouldBeTrue($"{package.Id} {package.Version} is not restored: run 'dotnet restore' first.");
        return XDocument.Load(path).Root!.Elements().Single();
    }

    private static string Folder(Package package) =>
        Path.Combine(PackagesFolder, package.Id.ToLowerInvariant(), package.Version.ToLowerInvariant());

    private static string? Value(XElement metadata, string name) =>
        metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value.Trim();

    private sealed record Package(string Id, string Version);
}
