using System.Buffers.Binary;
using System.Text.Json.Nodes;
using MnistLstm.Api.Health;

namespace MnistLstm.Deploy.Tests;

public sealed class ImageTests
{
    /// <summary>Machines of ELF files: e_machine of the System V ABI.</summary>
    private const ushort X64 = 62;
    private const ushort Arm64 = 183;

    [Fact]
    public void The_default_stage_is_the_service() => Dockerfile.Stages[^1].ShouldBe("service");

    [Fact]
    public void The_version_is_that_of_the_program()
    {
        string[] versions =
            [.. Dockerfile.Text.Split('\n').Where(line => line.StartsWith("ARG VERSION=", StringComparison.Ordinal))];

        versions.ShouldNotBeEmpty();
        versions.ShouldAllBe(line => line == $"ARG VERSION={Dockerfile.ProductVersion}");
    }

    [Fact]
    public void Base_images_are_pinned_by_tag_and_may_be_pinned_by_digest()
    {
        string[] images = [.. Dockerfile.Text.Split('\n').Where(line =>
            line.StartsWith("ARG ", StringComparison.Ordinal) && line.Contains("_IMAGE=", StringComparison.Ordinal))];

        images.Length.ShouldBe(3);
        images.ShouldAllBe(line => line.Contains(":10.0-noble", StringComparison.Ordinal));
        Dockerfile.Text.Split('\n').Where(line => line.StartsWith("FROM ", StringComparison.Ordinal))
            .ShouldAllBe(line => line.Contains("_IMAGE}", StringComparison.Ordinal)
                || line.StartsWith("FROM source ", StringComparison.Ordinal));
    }

    [Fact]
    public void Both_images_run_as_their_own_user()
    {
        Dockerfile.Text.Split('\n').Count(line => line == "USER $APP_UID").ShouldBe(2);
        Dockerfile.Text.Split('\n').Count(line => line.StartsWith("ENTRYPOINT [\"dotnet\"", StringComparison.Ordinal))
            .ShouldBe(2);
    }

    [Fact]
    public void The_service_checks_its_own_health() =>
        Dockerfile.Text.ShouldContain($"CMD [\"dotnet\", \"Api.dll\", \"{HealthCheck.Switch}\"]");

    /// <summary>
    /// BuildKit prefers a default over the value of --platform: the arm64 image would contain amd64 files.
    /// </summary>
    [Fact]
    public void The_build_chooses_the_processor()
    {
        string[] arguments =
            [.. Dockerfile.Text.Split('\n').Where(line => line.StartsWith("ARG TARGET", StringComparison.Ordinal))];

        arguments.ShouldBe(["ARG TARGETARCH", "ARG TARGETARCH"]);
    }

    [Theory]
    [InlineData("linux-x64", X64)]
    [InlineData("linux-arm64", Arm64)]
    public async Task Native_files_are_those_of_the_processor_alone(string runtime, ushort machine)
    {
        (int exitCode, string output, string error) = await CommandLine.RunAsync(
            CommandLine.Find("dotnet"), "msbuild", "src/Api/Api.csproj", "-p:Configuration=Release",
            $"-p:RuntimeIdentifier={runtime}",
            "-p:BuildProjectReferences=false", "-t:ComputeResolvedFilesToPublishList",
            "-getItem:ResolvedFileToPublish");
        exitCode.ShouldBe(0, output + error);

        var files = JsonNode.Parse(output)!["Items"]!["ResolvedFileToPublish"]!.AsArray()
            .ToDictionary(file => file!["RelativePath"]!.ToString(), file => file!["FullPath"]!.ToString());
        string[] native = [.. files.Keys.Where(name => name.StartsWith("lib", StringComparison.Ordinal))];

        native.ShouldBe(["libonnxruntime.so", "libonnxruntime_providers_shared.so"], ignoreOrder: true);
        native.Select(name => Machine(files[name])).ShouldAllBe(found => found == machine);
        files.Keys.ShouldNotContain(name => name.StartsWith("onnxruntime", StringComparison.Ordinal));
    }

    [Fact]
    public void The_service_decodes_pictures_without_native_code()
    {
        string[] packages =
        [
            .. JsonNode.Parse(File.ReadAllText(Repository.PathOf("src", "Api", "packages.lock.json")))!["dependencies"]!
                .AsObject().SelectMany(framework => framework.Value!.AsObject()).Select(package => package.Key)
        ];

        packages.ShouldContain("SixLabors.ImageSharp");
        packages.ShouldNotContain(package => package.StartsWith("SkiaSharp", StringComparison.Ordinal));
    }

    private static ushort Machine(string path)
    {
        byte[] head = new byte[20];
        using FileStream file = File.OpenRead(path);
        file.ReadExactly(head);
        head.AsSpan().StartsWith("\u007fELF"u8).ShouldBeTrue(path);
        return BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(18));
    }
}
