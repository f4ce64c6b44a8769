namespace MnistLstm.Shared.Tests;

public sealed class NearestNameTests
{
    private static readonly string[] Known =
    [
        "model", "explain", "max-batch", "max-batch-upload-bytes", "api-keys",
        "--workers", "MNIST_WORKERS", "MNIST_API_KEYS",
    ];

    [Theory]
    [InlineData("modle", "model")]
    [InlineData("models", "model")]
    [InlineData("MODEL", "model")]
    [InlineData("mode", "model")]
    [InlineData("explian", "explain")]
    [InlineData("explane", "explain")]
    [InlineData("eplain", "explain")]
    [InlineData("max_batch", "max-batch")]
    [InlineData("api-key", "api-keys")]
    [InlineData("max-bath-upload-byte", "max-batch-upload-bytes")]
    [InlineData("--wokers", "--workers")]
    [InlineData("--wrokers", "--workers")]
    [InlineData("MNIST_WOKERS", "MNIST_WORKERS")]
    [InlineData("mnist_api_key", "MNIST_API_KEYS")]
    public void A_misspelled_name_is_recognized(string name, string meant)
    {
        NearestName.Find(name, Known).ShouldBe(meant);
    }

    [Theory]
    [InlineData("")]
    [InlineData("_")]
    [InlineData("v")]
    [InlineData("mdl")]
    [InlineData("utm_source")]
    [InlineData("api-version")]
    [InlineData("explanation")]
    [InlineData("MNIST_FAVORITE_COLOR")]
    [InlineData("--verbose")]
    public void An_unknown_name_does_not_match_a_known_one(string name)
    {
        NearestName.Find(name, Known).ShouldBeNull();
    }

    [Fact]
    public void A_very_long_name_matches_nothing()
    {
        NearestName.Find(new string('m', 1_000_000), Known).ShouldBeNull();
        NearestName.Find("model", [new string('m', 1_000_000)]).ShouldBeNull();
    }
}
