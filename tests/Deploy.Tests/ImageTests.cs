using MnistLstm.Api.Operations;

namespace MnistLstm.Deploy.Tests;

public sealed class ImageTests
{
    [Fact]
    public void The_service_is_what_is_built_where_no_stage_is_named() => Dockerfile.Stages[^1].ShouldBe("service");

    [Fact]
    public void The_version_is_the_program_s()
    {
        string[] versions = [.. Dockerfile.Text.Split('\n').Where(line => line.StartsWith("ARG VERSION=", StringComparison.Ordinal))];

        versions.ShouldNotBeEmpty();
        versions.ShouldAllBe(line => line == $"ARG VERSION={Dockerfile.ProductVersion}");
    }

    [Fact]
    public void Base_images_are_pinned_by_tag_and_may_be_pinned_by_digest()
    {
        string[] images = [.. Dockerfile.Text.Split('\n').Where(line => line.StartsWith("ARG ", StringComparison.Ordinal) && line.Contains("_IMAGE=", StringComparison.Ordinal))];

        images.Length.ShouldBe(3);
        images.ShouldAllBe(line => line.Contains(":10.0-noble", StringComparison.Ordinal));
        Dockerfile.Text.Split('\n').Where(line => line.StartsWith("FROM ", StringComparison.Ordinal))
            .ShouldAllBe(line => line.Contains("_IMAGE}", StringComparison.Ordinal) || line.StartsWith("FROM source ", StringComparison.Ordinal));
    }

    [Fact]
    public void Both_images_run_as_their_own_user()
    {
        Dockerfile.Text.Split('\n').Count(line => line == "USER $APP_UID").ShouldBe(2);
        Dockerfile.Text.Split('\n').Count(line => line.StartsWith("ENTRYPOINT [\"dotnet\"", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public void The_service_checks_its_own_health() =>
        Dockerfile.Text.ShouldContain($"CMD [\"dotnet\", \"Api.dll\", \"{HealthCheck.Switch}\"]");
}
