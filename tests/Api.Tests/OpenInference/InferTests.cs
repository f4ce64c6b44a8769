using System.Text.Json;
using MnistLstm.Api.Models;
using MnistLstm.Api.Predictions;
using MnistLstm.Shared;

namespace MnistLstm.Api.Tests.OpenInference;

/// <summary>Tensors as JSON, and what an answer consists of.</summary>
public sealed class InferTests(SharedService shared) : IClassFixture<SharedService>
{
    /// <summary>Kernels for another N add up in another order.</summary>
    private const double BatchTolerance = 1e-6;

    /// <summary>The rows of the table in docs/api.md; ROWS stands for the sample.</summary>
    private static readonly Dictionary<string, string> ReadableJson = new()
    {
        ["`null` for an optional property"] =
            """{"id":null,"parameters":null,"inputs":[{"name":"rows","shape":"""
            + """[1,28,28],"datatype":"FP32","parameters":null,"data":[ROWS]}],"outputs":null}""",
        ["`null` for a parameter"] = """
            {"parameters":{"binary_data_output":null,"x":null},
             "inputs":[{"name":"rows","shape":[1,28,28],"datatype":"FP32",
                "parameters":{"binary_data_size":null},"data":[ROWS]}]}
            """,
        ["`null` for an output's parameters"] = """
            {"inputs":[{"name":"rows","shape":[1,28,28],"datatype":"FP32","data":[ROWS]}],
             "outputs":[{"name":"probabilities","parameters":{"binary_data":null,"classification":null}},
                {"name":"logits","parameters":null}]}
            """,
        ["a byte order mark"] = "\uFEFF" + InferRequests.Call("[1,28,28]", "[ROWS]"),
        ["URL-safe base64"] = InferRequests.Call("[1]", $"[\"{File64.Replace('+', '-').Replace('/', '_')}\"]", "BYTES"),
        ["base64 without padding"] = InferRequests.Call("[1]", $"[\"{File64.TrimEnd('=')}\"]", "BYTES"),
        ["base64 in lines"] = InferRequests.Call(
            "[1]", $"[\"{string.Join("\\r\\n", File64.Chunk(76).Select(line => new string(line)))}\"]", "BYTES"),
        ["a data URI"] = InferRequests.Call("[1]", $"[\"data:image/png;base64,{File64}\"]", "BYTES"),
    };

    public static TheoryData<string> ReadableJsonNames => [.. ReadableJson.Keys];

    /// <summary>Bytes after the end of the picture put a plus, a slash and padding into its base64.</summary>
    private static string File64 => Convert.ToBase64String(
        [.. InferRequests.SamplePng, 0xFB, 0xFF, 0xBE, 0xFB, 0xFF, 0xBF, 0xFF, 0xFE, 0xFB, 0xFF, 0xFF]);

    [Theory]
    [MemberData(nameof(ReadableJsonNames))]
    public async Task JSON_is_read_as_serializers_write_it(string name)
    {
        string json = ReadableJson[name]
            .Replace("ROWS", InferRequests.Numbers(InferRequests.Sample), StringComparison.Ordinal);

        JsonElement answer = await shared.Client.InferAsync(InferRequests.Json(json));

        answer.TryGetProperty("id", out _).ShouldBeFalse();
        float[] probabilities = answer.Values("probabilities");
        Array.IndexOf(probabilities, probabilities.Max()).ShouldBe(GoldenSample.Digit);
    }

    [Fact]
    public async Task Readable_JSON_is_in_the_documentation()
    {
        string api = await File.ReadAllTextAsync(
            Repository.PathOf("docs", "api.md"), TestContext.Current.CancellationToken);
        using HttpResponseMessage mistake = await shared.Client.PostAsync(
            InferRequests.Infer, InferRequests.Json("{]"));

        api = api.Replace("\n  ", " ", StringComparison.Ordinal);
        ReadableJson.Keys.ShouldAllBe(kind => api.Contains(kind, StringComparison.Ordinal));
        (await mistake.ShouldBeErrorAsync(400))
            .ShouldBe("The JSON cannot be read: ']' is not allowed at line 1, byte 2.");
    }

    [Fact]
    public async Task Null_data_beside_binary_data_counts_as_absent()
    {
        byte[] rows = InferRequests.RawBytes(InferRequests.Sample);
        string json = "\uFEFF" + InferRequests.BinaryCall("[1,28,28]", rows.Length)
            .Replace("\"shape\"", "\"data\":null,\"shape\"", StringComparison.Ordinal);

        JsonElement answer = await shared.Client.InferAsync(InferRequests.Binary(json, rows));

        float[] probabilities = answer.Values("probabilities");
        Array.IndexOf(probabilities, probabilities.Max()).ShouldBe(GoldenSample.Digit);
    }

    [Fact]
    public async Task Flat_data_is_answered_with_all_outputs()
    {
        JsonElement answer = await shared.Client.InferAsync(InferRequests.Json(InferRequests.SampleCall()));

        answer.EnumerateObject().Select(property => property.Name).ShouldBe(["model_name", "model_version", "outputs"]);
        answer.GetProperty("model_name").GetString().ShouldBe("digits");
        answer.GetProperty("model_version").GetString().ShouldBe(shared.Service.Models.Default.Card.Version);
        answer.GetProperty("outputs").EnumerateArray().Select(output => output.GetProperty("name").GetString())
            .ShouldBe(["probabilities", "logits"]);
        JsonElement probabilities = answer.Output("probabilities");
        probabilities.GetProperty("datatype").GetString().ShouldBe("FP32");
        probabilities.GetProperty("shape").GetRawText().ShouldBe("[1,10]");
        float[] values = answer.Values("probabilities");
        values.Sum().ShouldBe(1, tolerance: 1e-5);
        Array.IndexOf(values, values.Max()).ShouldBe(GoldenSample.Digit);
    }

    [Fact]
    public async Task Nested_data_is_the_same_as_flat_data()
    {
        JsonElement flat = await shared.Client.InferAsync(InferRequests.Json(InferRequests.SampleCall()));
        JsonElement nested = await shared.Client.InferAsync(
            InferRequests.Json(InferRequests.Call("[1,28,28]", InferRequests.Nested(InferRequests.Sample))));

        nested.GetRawText().ShouldBe(flat.GetRawText());
    }

    [Theory]
    [InlineData("digits")]
    [InlineData("digits-float")]
    [InlineData("seed")]
    public async Task The_same_picture_gets_the_same_probabilities_as_from_predict(string model)
    {
        MnistImages images = MnistImages.Test();
        for (int i = 0; i < 20; i++)
        {
            Prediction prediction = await shared.Client.PredictAsync(Requests.Raw(images.Png(i)), $"?model={model}");
            JsonElement answer = await shared.Client.InferAsync(
                InferRequests.Json(InferRequests.Call("[1,28,28]",
                    $"[{InferRequests.Numbers(InferRequests.Intensities(images.Pixels(i)))}]")),
                $"/v2/models/{model}/infer");

            answer.Values("probabilities").ShouldBe(prediction.Probabilities);
        }
    }

    [Fact]
    public async Task Many_images_are_answered_in_order()
    {
        const int Count = 100;
        MnistImages images = MnistImages.Test();
        float[] rows = [.. Enumerable.Range(0, Count).SelectMany(i => InferRequests.Intensities(images.Pixels(i)))];

        JsonElement answer = await shared.Client.InferAsync(
            InferRequests.Json(InferRequests.Call($"[{Count},28,28]", InferRequests.Nested(rows))));

        answer.Output("probabilities").GetProperty("shape").GetRawText().ShouldBe($"[{Count},10]");
        float[][] probabilities = [.. answer.Values("probabilities").Chunk(10)];
        for (int i = 0; i < Count; i++)
        {
            Prediction prediction = await shared.Client.PredictAsync(Requests.Raw(images.Png(i)));
            probabilities[i].ShouldBe(prediction.Probabilities, BatchTolerance);
        }
    }

    [Fact]
    public async Task Properties_may_have_any_order_and_others_are_ignored()
    {
        string call = $$$"""
            { "outputs": [ { "name": "probabilities", "unknown": [1, {"a": null}] } ],
              "unknown": {"deep": [[[["er"]]]]},
              "inputs": [ { "data": [{{{InferRequests.Numbers(InferRequests.Sample)}}}], "datatype": "FP32",
                            "parameters": {"note": "text", "weight": 1.5, "flag": false},
                "shape": [1, 28, 28], "name": "rows" } ],
              "parameters": {"note": "text", "more": {"of": ["it"]}},
              "id": "last" }
            """;

        JsonElement answer = await shared.Client.InferAsync(InferRequests.Json(call));

        answer.GetProperty("id").GetString().ShouldBe("last");
        answer.Values("probabilities").ShouldBe(
            (await shared.Client.InferAsync(InferRequests.Json(InferRequests.SampleCall()))).Values("probabilities"));
    }

    [Theory]
    [InlineData("\"42\"", "42")]
    [InlineData("\"\"", "")]
    [InlineData("\"a \\\"quoted\\\" \\u00fcnic\\u00f6de \\ud83d\\ude00 id/\\\\\"", "a \"quoted\" ünicöde 😀 id/\\")]
    public async Task The_answer_repeats_the_id(string id, string text)
    {
        JsonElement answer =
            await shared.Client.InferAsync(InferRequests.Json(InferRequests.SampleCall($",\"id\":{id}")));

        answer.GetProperty("id").GetString().ShouldBe(text);
    }

    [Theory]
    [InlineData("""[{"name":"logits"}]""", "logits")]
    [InlineData("""[{"name":"probabilities"}]""", "probabilities")]
    [InlineData("""[{"name":"logits"},{"name":"probabilities","parameters":{}}]""", "logits,probabilities")]
    [InlineData("[]", "probabilities,logits")]
    public async Task The_requested_outputs_come_in_order(string outputs, string names)
    {
        JsonElement answer =
            await shared.Client.InferAsync(InferRequests.Json(InferRequests.SampleCall($",\"outputs\":{outputs}")));

        answer.GetProperty("outputs").EnumerateArray().Select(output => output.GetProperty("name").GetString())
            .ShouldBe(names.Split(','));
    }

    [Fact]
    public async Task Another_model_and_a_version_are_chosen_by_the_address()
    {
        string version = shared.Service.Models.All.Single(model => model.Name == "seed").Card.Version;

        JsonElement seed =
            await shared.Client.InferAsync(InferRequests.Json(InferRequests.SampleCall()), "/v2/models/seed/infer");
        JsonElement ofVersion = await shared.Client.InferAsync(
            InferRequests.Json(InferRequests.SampleCall()), $"/v2/models/seed/versions/{version}/infer");

        seed.GetProperty("model_name").GetString().ShouldBe("seed");
        seed.GetProperty("model_version").GetString().ShouldBe(version);
        ofVersion.GetRawText().ShouldBe(seed.GetRawText());
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/octet-stream")]
    [InlineData("application/vnd.inference+json")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("text/plain")]
    [InlineData(null)]
    public async Task JSON_is_read_whatever_a_client_calls_it(string? contentType)
    {
        JsonElement answer =
            await shared.Client.InferAsync(InferRequests.Json(InferRequests.SampleCall(), contentType));

        answer.GetProperty("model_name").GetString().ShouldBe("digits");
    }

    [Fact]
    public async Task Values_may_exceed_0_to_1_by_a_rounding_error()
    {
        // 255 times 1 / 255, rounded, is a little more than 1.
        float[] rows = [.. GoldenSample.Pixels.Select(pixel => pixel * (1f / RowSequence.MaxPixel))];
        rows[0] = -1e-7f;

        JsonElement answer = await shared.Client.InferAsync(
            InferRequests.Json(InferRequests.Call("[1,28,28]", $"[{InferRequests.Numbers(rows)}]")));

        answer.Values("probabilities").ShouldBe(
            (await shared.Client.InferAsync(InferRequests.Json(InferRequests.SampleCall())))
            .Values("probabilities"), tolerance: 1e-4);
    }

    [Fact]
    public async Task The_answer_has_the_duration_of_each_step()
    {
        using HttpResponseMessage response =
            await shared.Client.PostAsync(InferRequests.Infer, InferRequests.Json(InferRequests.SampleCall()));

        response.Headers.GetValues("Server-Timing").Single()
            .ShouldMatch(@"^decode;dur=[\d.]+, normalize;dur=[\d.]+, queue;dur=[\d.]+, infer;dur=[\d.]+$");
    }

    [Theory]
    [InlineData("probabilities", 1)]
    [InlineData("probabilities", 3)]
    [InlineData("logits", 10)]
    [InlineData("probabilities", 1000)]
    public async Task Classification_names_the_most_probable_digits(string output, int count)
    {
        float[] values = (await shared.Client.InferAsync(InferRequests.Json(InferRequests.SampleCall())))
            .Values(output);

        JsonElement answer = await shared.Client.InferAsync(InferRequests.Json(
            InferRequests.SampleCall(
                $$$""","outputs":[{"name":"{{{output}}}","parameters":{"classification":{{{count}}}}}]""")));

        int expected = Math.Min(count, 10);
        JsonElement classes = answer.Output(output);
        classes.GetProperty("datatype").GetString().ShouldBe("BYTES");
        classes.GetProperty("shape").GetRawText().ShouldBe($"[1,{expected}]");
        classes.GetProperty("data").EnumerateArray().Select(text => text.GetString()).ShouldBe(
            values.Select((value, digit) => (value, digit)).OrderByDescending(c => c.value).Take(expected)
                .Select(c => FormattableString.Invariant($"{c.value}:{c.digit}")));
    }
}
