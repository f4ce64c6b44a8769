using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using MnistLstm.Api.Models;
using MnistLstm.Api.Predictions;
using MnistLstm.Api.Telemetry;
using MnistLstm.Api.Tests.OpenInference;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;
using SkiaSharp;

namespace MnistLstm.Api.Tests;

/// <summary>Pictures whose first candidate leaves a doubt are looked at a second time.</summary>
[Collection(nameof(AllocationTests))]
public sealed class DoubtTests(SharedService shared) : IClassFixture<SharedService>
{
    private static readonly DrawnPicture Drawn = DrawnPicture.Of(280, 280, SKRect.Create(40, 40, 200, 200));
    private static readonly DrawnPicture Light =
        DrawnPicture.Of(280, 280, SKRect.Create(40, 40, 200, 200), paper: 20, ink: 230);
    private static readonly byte[] Blank =
        GrayPng.Encode(new byte[RowSequence.Length], RowSequence.Features, RowSequence.TimeSteps);

    /// <summary>White paper between black bars.</summary>
    private static readonly byte[] Doubtful = Drawn.Surround(60, tone: 0).Png;

    /// <summary>A digit and something that is none.</summary>
    private static readonly byte[] Shapes = Drawn.With(GoldenSample.Pixels, SKRect.Create(10, 70, 140, 140))
        .Fill(160, 90, 100, 90).Png;

    [Theory]
    [InlineData(28, 0)]
    [InlineData(60, 0)]
    [InlineData(60, 128)]
    [InlineData(140, 90)]
    public async Task Dark_ink_on_white_paper_in_a_darker_surround_is_read(int border, byte tone)
    {
        Prediction prediction = await shared.Client.PredictAsync(Requests.Raw(Drawn.Surround(border, tone).Png));

        prediction.Digit.ShouldBe(GoldenSample.Digit);
        prediction.IsDigit.ShouldBeTrue();
        prediction.Box.X.ShouldBeGreaterThan(border);
    }

    [Theory]
    [InlineData(28, 255)]
    [InlineData(60, 255)]
    [InlineData(60, 128)]
    public async Task Light_ink_on_black_paper_in_a_lighter_surround_is_read(int border, byte tone)
    {
        Prediction prediction = await shared.Client.PredictAsync(Requests.Raw(Light.Surround(border, tone).Png));

        prediction.Digit.ShouldBe(GoldenSample.Digit);
        prediction.IsDigit.ShouldBeTrue();
    }

    [Fact]
    public async Task Only_a_doubtful_picture_has_other_candidates_classified()
    {
        (await CountImagesAsync("/predict", Requests.Raw(Drawn.Png))).ShouldBe([1]);
        (await CountImagesAsync("/predict", Requests.Raw(InferRequests.SamplePng))).ShouldBe([1]);

        long[] batches = await CountImagesAsync("/predict", Requests.Raw(Doubtful));

        batches.Length.ShouldBe(2);
        batches[0].ShouldBe(1);
        batches[1].ShouldBeInRange(1, 5);
    }

    [Fact]
    public async Task A_batch_of_clear_doubtful_and_broken_pictures_keeps_its_order()
    {
        byte[] text = "This is no picture."u8.ToArray();

        using HttpResponseMessage response = await shared.Client.PostAsync(
            "/predict/batch", Requests.Form(
                "files", Doubtful, text, InferRequests.SamplePng, Blank, Drawn.Png, Doubtful));

        JsonElement[] entries =
        [
            .. (await response.ReadJsonAsync()).GetProperty("predictions").EnumerateArray()
                .Select(entry => entry.TryGetProperty("prediction", out JsonElement prediction) ? prediction : entry),
        ];
        string[] what = [.. entries.Select(entry => entry.TryGetProperty("error", out JsonElement error)
            ? error.GetProperty("type").GetString()!
            : $"{entry.GetProperty("digit")} {entry.GetProperty("isDigit")} "
                + $"{entry.GetProperty("box").GetProperty("width").GetInt32() > 28}")];
        what.ShouldBe(["3 True True", "/problems/not-an-image", "3 True False", "/problems/no-ink", "3 True True",
            "3 True True"]);
        JsonElement.DeepEquals(entries[0], entries[5]).ShouldBeTrue();
        entries[0].GetProperty("box").GetProperty("x").GetInt32()
            .ShouldBeGreaterThan(60 + entries[4].GetProperty("box").GetProperty("x").GetInt32() - 4);
    }

    [Fact]
    public async Task All_other_candidates_of_a_batch_are_classified_together()
    {
        long[] batches =
            await CountImagesAsync("/predict/batch", Requests.Form("files", Doubtful, Drawn.Png, Doubtful));

        batches.Length.ShouldBe(2);
        batches[0].ShouldBe(3);
    }

    [Fact]
    public async Task The_Open_Inference_Protocol_gives_the_answer_of_predict()
    {
        Prediction prediction = await shared.Client.PredictAsync(Requests.Raw(Doubtful));
        string data = $"[\"{Convert.ToBase64String(InferRequests.SamplePng)}\",\"{Convert.ToBase64String(Doubtful)}\"]";

        using HttpResponseMessage response = await shared.Client.PostAsync(
            InferRequests.Infer, InferRequests.Json(InferRequests.Call("[2]", data, "BYTES")));

        JsonElement output = (await response.ReadJsonAsync()).GetProperty("outputs")[0];
        output.GetProperty("data").EnumerateArray().Skip(10).Select(value => value.GetSingle()).ToArray()
            .ShouldBe(prediction.Probabilities, 1e-6f);
    }

    [Fact]
    public async Task An_explanation_is_of_the_candidate_that_won()
    {
        Prediction prediction = await shared.Client.PredictAsync(Requests.Raw(Doubtful), "?explain=true");
        byte[] input = Convert.FromBase64String(prediction.Input!.Split(',')[1]);

        Prediction again = await shared.Client.PredictAsync(Requests.Raw(input));

        prediction.Rows![^1].ShouldBe(prediction.Probabilities);
        again.Probabilities.ShouldBe(prediction.Probabilities, 1e-6f);
    }

    [Fact]
    public async Task A_deadline_that_passes_between_the_two_decodings_is_reported()
    {
        (await AnswerAsync(Drawn.Png)).ShouldBe((HttpStatusCode)200);
        (await AnswerAsync(Doubtful)).ShouldBe((HttpStatusCode)503);
        (await AnswerAsync(Drawn.Png, "/predict/digits")).ShouldBe((HttpStatusCode)200);
        (await AnswerAsync(Shapes, "/predict/digits")).ShouldBe((HttpStatusCode)503);

        async Task<HttpStatusCode> AnswerAsync(byte[] picture, string path = "/predict")
        {
            // The first batch is held up until the deadline is over.
            TimeSpan patience = TimeSpan.FromSeconds(2);
            using MeterListener slow = OnFirstBatch(() => Thread.Sleep(patience + TimeSpan.FromMilliseconds(100)));
            HttpContent content = Requests.Raw(picture);
            content.Headers.Add("Request-Timeout", $"{patience.TotalSeconds}");
            using HttpResponseMessage response = await shared.Client.PostAsync(path, content);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task A_client_that_leaves_between_the_two_decodings_does_not_affect_others()
    {
        using var hangUp = new CancellationTokenSource();
        using (MeterListener leaving = OnFirstBatch(() =>
        {
            hangUp.Cancel();
            Thread.Sleep(TimeSpan.FromMilliseconds(200));
        }))
        {
            await Should.ThrowAsync<OperationCanceledException>(
                shared.Client.PostAsync("/predict", Requests.Raw(Doubtful), hangUp.Token));
        }

        (await shared.Client.PredictAsync(Requests.Raw(Doubtful))).Digit.ShouldBe(GoldenSample.Digit);
    }

    /// <summary>Images of each batch that the request took.</summary>
    private async Task<long[]> CountImagesAsync(string path, HttpContent content)
    {
        var batches = new List<long>();
        using MeterListener listener = OnBatch(batches.Add);
        using HttpResponseMessage response = await shared.Client.PostAsync(path, content);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return [.. batches];
    }

    private static MeterListener OnFirstBatch(Action action)
    {
        int batches = 0;
        return OnBatch(_ =>
        {
            if (Interlocked.Increment(ref batches) == 1)
            {
                action();
            }
        });
    }

    private static MeterListener OnBatch(Action<long> action)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument is { Meter.Name: ServiceMetrics.MeterName, Name: "mnist_lstm.batch.size" })
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, images, _, _) => action(images));
        listener.Start();
        return listener;
    }
}
