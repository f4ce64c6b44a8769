using System.Text.Json;
using MnistLstm.Shared.Models;

namespace MnistLstm.Shared.Tests.Models;

public sealed class ModelCardTests
{
    [Theory]
    [InlineData("seed")]
    [InlineData("digits")]
    [InlineData("digits-float")]
    public void A_card_that_is_read_and_written_again_is_the_same_to_the_character(string name)
    {
        string json = File.ReadAllText(Repository.PathOf("models", $"{name}.card.json"));

        (ModelCard.FromJson(json).ToJson() + "\n").ShouldBe(json);
    }

    [Fact]
    public void A_card_without_a_held_out_set_can_be_read_again()
    {
        ModelCard card = Any() with { Validation = null };

        ModelCard read = ModelCard.FromJson(card.ToJson());

        card.ToJson().ShouldNotContain("validation");
        read.Validation.ShouldBeNull();
        read.ToJson().ShouldBe(card.ToJson());
    }

    [Theory]
    [InlineData(5, true, true)]
    [InlineData(5, false, false)]
    [InlineData(-5, true, false)]
    public void A_digit_has_enough_evidence_and_no_second_figure_beside_it(float logit, bool isAlone, bool isDigit)
    {
        ModelCard card = Any() with { IsDigitThreshold = 3 };
        float[] logits = new float[ModelContract.Classes];
        logits.AsSpan().Fill(-20);
        logits[7] = logit;

        card.IsDigit(logits, isAlone).ShouldBe(isDigit);
    }

    [Fact]
    public void Details_of_the_run_may_be_missing()
    {
        ModelCard card = Any() with { Run = null, ModelSha256 = null };

        card.ToJson().ShouldNotContain("modelSha256");
        ModelCard.FromJson(card.ToJson()).Run.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{ "version": 1 }""")]
    public void Text_that_is_not_a_card_is_rejected(string json) =>
        Should.Throw<JsonException>(() => ModelCard.FromJson(json));

    private static ModelCard Any() =>
        ModelCard.FromJson(File.ReadAllText(Repository.PathOf("models", "seed.card.json")));
}
