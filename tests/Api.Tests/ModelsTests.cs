using System.Text.Json;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Tests;

public sealed class ModelsTests(SharedService shared) : IClassFixture<SharedService>
{
    [Fact]
    public async Task The_list_has_every_loaded_model_and_its_card()
    {
        using HttpResponseMessage response = await shared.Client.GetAsync("/models");

        JsonElement list = await response.ReadJsonAsync();
        list.GetProperty("default").GetString().ShouldBe("digits");
        JsonElement[] models = [.. list.GetProperty("models").EnumerateArray()];
        models.Select(model => model.GetProperty("name").GetString()).ShouldBe(["digits", "digits-float", "seed"]);
        models.Select(model => model.GetProperty("isDefault").GetBoolean()).ShouldBe([true, false, false]);
    }

    [Fact]
    public async Task A_card_leaves_out_what_its_model_does_not_have()
    {
        string list = await shared.Client.GetStringAsync("/models");

        using JsonDocument models = JsonDocument.Parse(list);
        JsonElement seed = models.RootElement.GetProperty("models").EnumerateArray()
            .Single(model => model.GetProperty("name").GetString() == "seed").GetProperty("card");
        seed.TryGetProperty("quantization", out _).ShouldBeFalse();
        seed.TryGetProperty("refused", out _).ShouldBeFalse();
        list.ShouldNotContain("null");
    }

    [Theory]
    [InlineData("digits")]
    [InlineData("digits-float")]
    [InlineData("seed")]
    public async Task A_model_s_address_returns_the_card_of_its_file(string name)
    {
        ModelCard written =
            ModelCard.FromJson(await File.ReadAllTextAsync(Repository.PathOf("models", $"{name}.card.json")));

        using HttpResponseMessage response = await shared.Client.GetAsync($"/models/{name}");

        JsonElement model = await response.ReadJsonAsync();
        model.GetProperty("name").GetString().ShouldBe(name);
        model.GetProperty("version").GetString().ShouldBe(written.Version);
        JsonElement card = model.GetProperty("card");
        card.GetProperty("modelSha256").GetString().ShouldBe(written.ModelSha256);
        card.GetProperty("test").GetProperty("correct").GetInt32().ShouldBe(written.Test.Correct);
        card.GetProperty("preset").GetString().ShouldBe(written.Preset);
    }
}
