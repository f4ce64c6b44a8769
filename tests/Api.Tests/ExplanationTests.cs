using System.Text.Json;
using MnistLstm.Api.Models;
using MnistLstm.Api.OpenApi;
using MnistLstm.Api.Predictions;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Tests;

/// <summary><c>POST /predict?explain=true</c>.</summary>
public sealed class ExplanationTests(SharedService shared) : IClassFixture<SharedService>
{
    /// <summary>Ten float32 probabilities, each rounded once.</summary>
    private const float SumTolerance = 1e-5f;

    /// <summary>
    /// Kernels for another N may add up in another order; float32 probabilities then differ in the last bits.
    /// </summary>
    private const float BatchTolerance = 1e-6f;

    [Theory]
    [InlineData("digits")]
    [InlineData("digits-float")]
    [InlineData("seed")]
    public async Task Each_row_has_the_probabilities_for_the_rows_so_far_and_the_last_is_the_answer(string model)
    {
        MnistImages images = MnistImages.Test();
        using DigitClassifier classifier = DigitClassifier.Load(Repository.PathOf("models", $"{model}.onnx"));
        using ClassifierBatch one = classifier.CreateBatch(1);

        for (int i = 0; i < 10; i++)
        {
            Prediction explained =
                await shared.Client.PredictAsync(Requests.Raw(images.Png(i)), $"?explain=true&model={model}");
            Prediction plain = await shared.Client.PredictAsync(Requests.Raw(images.Png(i)), $"?model={model}");

            explained.Rows!.Length.ShouldBe(RowSequence.TimeSteps);
            explained.Rows.ShouldAllBe(row =>
                row.Length == ModelContract.Classes && Math.Abs(row.Sum() - 1) <= SumTolerance);
            explained.Rows[^1].ShouldBe(explained.Probabilities);
            explained.Probabilities.ShouldBe(plain.Probabilities, BatchTolerance);
            explained.Digit.ShouldBe(plain.Digit);
            explained.IsDigit.ShouldBe(plain.IsDigit);
            for (int t = 1; t <= RowSequence.TimeSteps; t++)
            {
                RowSequence.FromPixels(images.Pixels(i), one.Rows(0));
                one.Rows(0)[(t * RowSequence.Features)..].Clear();
                one.Run(1);
                explained.Rows[t - 1].ShouldBe(one.Probabilities(0).ToArray(), BatchTolerance);
            }
        }
    }

    [Fact]
    public async Task An_explanation_classifies_27_more_images()
    {
        byte[] picture = Pictures.GrayPng(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps);
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        PrometheusText before = await ScrapeAsync(service);

        await service.Client.PredictAsync(Requests.Raw(picture), "?explain=true");

        PrometheusText after = await ScrapeAsync(service);
        double Added(string name) => after.Sum(name) - before.Sum(name);
        Added("mnist_lstm_batch_size_count").ShouldBe(2);
        Added("mnist_lstm_batch_size_sum").ShouldBe(RowSequence.TimeSteps);
    }

    [Fact]
    public async Task The_description_has_the_query_parameter_and_the_added_fields()
    {
        using JsonDocument document =
            JsonDocument.Parse(
                await shared.Client.GetStringAsync($"/swagger/{ApiDescription.DocumentName}/swagger.json"));

        JsonElement explain = document.RootElement.GetProperty("paths").GetProperty("/predict").GetProperty("post")
            .GetProperty("parameters")
            .EnumerateArray().Single(parameter => parameter.GetProperty("name").GetString() == "explain");
        explain.GetProperty("in").GetString().ShouldBe("query");
        explain.GetProperty("schema").GetProperty("type").GetString().ShouldBe("boolean");
        JsonElement prediction = document.RootElement.GetProperty("components").GetProperty("schemas")
            .GetProperty("Prediction");
        JsonElement properties = prediction.GetProperty("properties");
        properties.GetProperty("rows").GetProperty("items").GetProperty("items").GetProperty("type").GetString()
            .ShouldBe("number");
        properties.GetProperty("input").GetProperty("type").EnumerateArray()
            .Select(type => type.GetString()).ShouldContain("string");
        prediction.GetProperty("required").EnumerateArray().Select(name => name.GetString()).ShouldNotContain("rows");
    }

    private static async Task<PrometheusText> ScrapeAsync(ServiceProcess service) =>
        PrometheusText.Parse(await service.Client.GetStringAsync(TelemetryApi.MetricsPath));
}
