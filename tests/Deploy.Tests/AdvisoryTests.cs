using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MnistLstm.Deploy.Tests;

/// <summary>
/// Known vulnerabilities of packages: which are excepted, where the reasons are, and that others are noticed.
/// </summary>
public sealed partial class AdvisoryTests
{
    private const string Library = "SixLabors.ImageSharp";
    private const string UnknownAdvisory = "https://github.com/advisories/GHSA-2222-2222-2222";
    private const string Vex = "mnist-lstm.openvex.json";

    private static readonly string PackagesPath = Repository.PathOf("Directory.Packages.props");

    private static readonly XDocument Packages = XDocument.Load(PackagesPath);

    private static readonly string[] Excepted =
        [.. Packages.Descendants("NuGetAuditSuppress").Select(item => item.Attribute("Include")!.Value)];

    private static readonly string LibraryVersion = Packages.Descendants("PackageVersion")
        .Single(item => item.Attribute("Include")!.Value == Library).Attribute("Version")!.Value;

    private static readonly JsonArray Statements =
        JsonNode.Parse(File.ReadAllText(Repository.PathOf("deploy", Vex)))!["statements"]!.AsArray();

    [Fact]
    public void Every_exception_of_the_audit_is_explained_in_the_vex_document_and_in_the_security_policy()
    {
        string[] explained = [.. Statements.Select(statement => (string)statement!["vulnerability"]!["@id"]!)];
        string policy = File.ReadAllText(Repository.PathOf("SECURITY.md"));
        string[] named = [.. Address().Matches(policy).Select(match => match.Value).Distinct()];

        Excepted.ShouldNotBeEmpty();
        explained.ShouldBe(Excepted, ignoreOrder: true);
        named.ShouldBe(Excepted, ignoreOrder: true);
        policy.ShouldContain($"**{LibraryVersion}**");
    }

    [Fact]
    public void Every_statement_of_the_vex_document_says_why_the_product_is_not_affected()
    {
        foreach (JsonNode? statement in Statements)
        {
            string id = (string)statement!["vulnerability"]!["name"]!;
            ((string)statement["vulnerability"]!["@id"]!).ShouldEndWith($"/{id}");
            ((string)statement["status"]!).ShouldBe("not_affected", id);
            ((string)statement["justification"]!).ShouldBe("vulnerable_code_not_in_execute_path", id);
            ((string?)statement["impact_statement"]).ShouldNotBeNullOrWhiteSpace(id);
            statement["products"]!.AsArray()
                .Select(product => (string)(product!["subcomponents"]?[0] ?? product)["@id"]!)
                .ShouldAllBe(package => package == $"pkg:nuget/{Library}@{LibraryVersion}");
        }
    }

    [Fact]
    public void Both_images_carry_the_vex_document() =>
        Dockerfile.Text.Split('\n').Count(line => line == $"COPY deploy/{Vex} /app/").ShouldBe(2);

    [Fact]
    public async Task A_restore_passes_with_the_excepted_advisories_alone()
    {
        (int exitCode, string output) = await RestoreAsync(Excepted);

        exitCode.ShouldBe(0, output);
        output.ShouldNotContain("NU190");
    }

    [Fact]
    public async Task A_restore_fails_with_an_advisory_that_is_not_excepted()
    {
        (int exitCode, string output) = await RestoreAsync([.. Excepted, UnknownAdvisory]);

        exitCode.ShouldBe(1, output);
        output.ShouldContain("error NU1901");
        output.ShouldContain(UnknownAdvisory);
    }

    [Fact]
    public async Task A_restore_passes_where_the_vulnerability_database_cannot_be_read()
    {
        (int exitCode, string output) = await RestoreAsync(advisories: null);

        exitCode.ShouldBe(0, output);
        output.ShouldContain("warning NU1900");
    }

    /// <summary>
    /// Restores a project with our properties and the library, against a vulnerability database of its own.
    /// </summary>
    /// <param name="advisories">Advisories of the library; null for a source that answers 404.</param>
    private static async Task<(int ExitCode, string Output)> RestoreAsync(string[]? advisories)
    {
        string root = Directory.CreateTempSubdirectory("audit-").FullName;
        try
        {
            await using WebApplication database = await ServeAsync(advisories);
            string project = Path.Combine(root, "Audited.csproj");
            await File.WriteAllTextAsync(project, $"""
                <Project>
                  <Import Project="{Repository.PathOf("Directory.Build.props")}" />
                  <PropertyGroup>
                    <ArtifactsPath>{root}</ArtifactsPath>
                    <ImportDirectoryBuildProps>false</ImportDirectoryBuildProps>
                    <DirectoryPackagesPropsPath>{PackagesPath}</DirectoryPackagesPropsPath>
                    <RestorePackagesWithLockFile>false</RestorePackagesWithLockFile>
                    <RestoreLockedMode>false</RestoreLockedMode>
                  </PropertyGroup>
                  <Import Project="Sdk.props" Sdk="Microsoft.NET.Sdk" />
                  <ItemGroup>
                    <PackageReference Include="{Library}" />
                  </ItemGroup>
                  <Import Project="Sdk.targets" Sdk="Microsoft.NET.Sdk" />
                </Project>
                """);
            await File.WriteAllTextAsync(Path.Combine(root, "NuGet.Config"), $"""
                <configuration>
                  <auditSources>
                    <clear />
                    <add key="audit" value="{database.Urls.Single()}/index.json" allowInsecureConnections="true" />
                  </auditSources>
                </configuration>
                """);
            (int exitCode, string output, string error) =
                await CommandLine.RunAsync(CommandLine.Find("dotnet"), "restore", project, "-nodeReuse:false");
            return (exitCode, output + error);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>NuGet's VulnerabilityInfo resource, version 6.7.0, on a free port of the loopback.</summary>
    private static async Task<WebApplication> ServeAsync(string[]? advisories)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        WebApplication database = builder.Build();
        database.Urls.Add("http://127.0.0.1:0");
        if (advisories is not null)
        {
            database.MapGet("/index.json", (HttpRequest request) => new
            {
                version = "3.0.0",
                resources = new[]
                {
                    new Dictionary<string, string>
                    {
                        ["@id"] = $"http://{request.Host}/vulnerabilities.json", ["@type"] = "VulnerabilityInfo/6.7.0",
                    },
                },
            });
            database.MapGet("/vulnerabilities.json", (HttpRequest request) => new[]
            {
                new Dictionary<string, string>
                {
                    ["@name"] = "all", ["@id"] = $"http://{request.Host}/all.json", ["@updated"] =
                        "2026-11-01T00:00:00Z",
                },
            });
            database.MapGet("/all.json", () => new Dictionary<string, object>
            {
                [Library.ToLowerInvariant()] = advisories.Select(url =>
                    new { severity = 0, url, versions = "(, 99.0.0)" }),
            });
        }

        await database.StartAsync();
        return database;
    }

    [GeneratedRegex(@"https://github\.com/advisories/GHSA(-[0-9a-z]{4}){3}")]
    private static partial Regex Address();
}
