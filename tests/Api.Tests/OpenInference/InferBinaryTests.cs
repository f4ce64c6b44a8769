using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using MnistLstm.Api.Models;
using MnistLstm.Api.OpenInference;
using MnistLstm.Api.Predictions;

namespace MnistLstm.Api.Tests.OpenInference;

/// <summary>Raw tensors behind the JSON, both ways.</summary>
public sealed class InferBinaryTests(SharedService shared) : IClassFixture<SharedService>
{
    private const int ImageBytes = 28 * 28 * sizeof(float);

    /// <summary>Kernels for another N add up in another order.</summary>
    private const double BatchTolerance = 1e-6;

    [Fact]
    public async Task Raw_rows_get_the_same_answer_as_JSON()
    {
        JsonElement json = await shared.Client.InferAsync(InferRequests.Json(InferRequests.SampleCall()));
        JsonElement binary = await shared.Client.InferAsync(
            InferRequests.Binary(InferRequests.BinaryCall("[1,28,28]", ImageBytes),
                InferRequests.RawBytes(InferRequests.Sample)));

        binary.GetRawText().ShouldBe(json.GetRawText());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Raw_rows_may_lie_at_any_address(int spaces)
    {
        string call = InferRequests.BinaryCall("[1,28,28]", ImageBytes) + new string(' ', spaces);

        JsonElement answer =
            await shared.Client.InferAsync(InferRequests.Binary(call, InferRequests.RawBytes(InferRequests.Sample)));

        Digit(answer.Values("probabilities")).ShouldBe(GoldenSample.Digit);
    }

    [Fact]
    public async Task Values_beyond_0_and_1_by_rounding_count_as_0_and_1()
    {
        float[] rounded = [.. InferRequests.Sample.Select(value => value == 0 ? -0.0009f : value)];
        rounded.ShouldContain(-0.0009f);
        string call = InferRequests.BinaryCall("[1,28,28]", ImageBytes);

        JsonElement exact =
            await shared.Client.InferAsync(InferRequests.Binary(call, InferRequests.RawBytes(InferRequests.Sample)));
        JsonElement beyond =
            await shared.Client.InferAsync(InferRequests.Binary(call, InferRequests.RawBytes(rounded)));

        beyond.GetRawText().ShouldBe(exact.GetRawText());
    }

    [Fact]
    public async Task JSON_data_may_come_with_the_length_of_all_of_it()
    {
        JsonElement answer = await shared.Client.InferAsync(InferRequests.Binary(InferRequests.SampleCall(), []));

        Digit(answer.Values("probabilities")).ShouldBe(GoldenSample.Digit);
    }

    [Fact]
    public async Task An_output_is_binary_if_the_request_asks_for_it()
    {
        JsonElement json = await shared.Client.InferAsync(InferRequests.Json(InferRequests.SampleCall()));

        (JsonElement answer, byte[] tensors) = await shared.Client.InferBinaryAsync(InferRequests.Json(
            InferRequests.SampleCall(
                ""","outputs":[{"name":"logits"},{"name":"probabilities","parameters":{"binary_data":true}}]""")));

        answer.Values("logits").ShouldBe(json.Values("logits"));
        JsonElement probabilities = answer.Output("probabilities");
        probabilities.TryGetProperty("data", out _).ShouldBeFalse();
        probabilities.GetProperty("parameters").GetRawText().ShouldBe("""{"binary_data_size":40}""");
        probabilities.GetProperty("shape").GetRawText().ShouldBe("[1,10]");
        Floats(tensors).ShouldBe(json.Values("probabilities"));
    }

    [Fact]
    public async Task All_outputs_are_binary_and_in_order_if_the_request_asks_for_it()
    {
        JsonElement json = await shared.Client.InferAsync(InferRequests.Json(InferRequests.SampleCall()));

        (JsonElement answer, byte[] tensors) = await shared.Client.InferBinaryAsync(InferRequests.Json(
            InferRequests.SampleCall(""","parameters":{"binary_data_output":true}""")));

        answer.GetProperty("outputs").EnumerateArray().Select(output => output.GetProperty("name").GetString())
            .ShouldBe(["probabilities", "logits"]);
        Floats(tensors).ShouldBe([.. json.Values("probabilities"), .. json.Values("logits")]);
    }

    [Fact]
    public async Task The_output_s_own_setting_overrides_the_request_s()
    {
        (JsonElement answer, byte[] tensors) =
            await shared.Client.InferBinaryAsync(InferRequests.Json(InferRequests.SampleCall(
                ""","parameters":{"binary_data_output":true},"outputs":"""
                + """[{"name":"probabilities","parameters":{"binary_data":false}},{"name":"logits"}]""")));

        answer.Values("probabilities").Length.ShouldBe(10);
        answer.Output("logits").GetProperty("parameters").GetProperty("binary_data_size").GetInt32().ShouldBe(40);
        tensors.Length.ShouldBe(40);
    }

    [Fact]
    public async Task Classes_come_raw_each_with_its_length()
    {
        JsonElement json = await shared.Client.InferAsync(InferRequests.Json(
            InferRequests.SampleCall(""","outputs":[{"name":"probabilities","parameters":{"classification":4}}]""")));

        (JsonElement answer, byte[] tensors) = await shared.Client.InferBinaryAsync(InferRequests.Json(
            InferRequests.SampleCall(
                ""","outputs":[{"name":"probabilities","parameters":{"classification":4,"binary_data":true}}]""")));

        JsonElement output = answer.Output("probabilities");
        output.GetProperty("datatype").GetString().ShouldBe("BYTES");
        output.GetProperty("parameters").GetProperty("binary_data_size").GetInt32().ShouldBe(tensors.Length);
        Elements(tensors).ShouldBe(json.Output("probabilities").GetProperty("data").EnumerateArray()
            .Select(text => text.GetString()!));
    }

    [Theory]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(1024)]
    public async Task More_images_than_a_batch_holds_are_answered_up_to_the_stated_maximum(int count)
    {
        MnistImages images = MnistImages.Test();
        float[] rows = [.. Enumerable.Range(0, count).SelectMany(i => InferRequests.Intensities(images.Pixels(i)))];

        (JsonElement answer, byte[] tensors) = await shared.Client.InferBinaryAsync(InferRequests.Binary(
            InferRequests.BinaryCall($"[{count},28,28]", (long)count * ImageBytes,
                rest: ""","outputs":[{"name":"probabilities","parameters":{"binary_data":true}}]"""),
            InferRequests.RawBytes(rows)));

        answer.Output("probabilities").GetProperty("shape").GetRawText().ShouldBe($"[{count},10]");
        float[][] probabilities = [.. Floats(tensors).Chunk(10)];
        Enumerable.Range(0, count).Count(i => Digit(probabilities[i]) == images.Label(i))
            .ShouldBeGreaterThan((int)(0.99 * count));
        Prediction last = await shared.Client.PredictAsync(Requests.Raw(images.Png(count - 1)));
        probabilities[^1].ShouldBe(last.Probabilities, BatchTolerance);
    }

    [Fact]
    public async Task A_body_without_JSON_is_one_image_and_its_answer_is_raw()
    {
        JsonElement json = await shared.Client.InferAsync(InferRequests.Json(InferRequests.SampleCall()));

        (JsonElement ofRows, byte[] rowTensors) =
            await shared.Client.InferBinaryAsync(
                InferRequests.Binary("", InferRequests.RawBytes(InferRequests.Sample)));
        (JsonElement ofPicture, byte[] pictureTensors) =
            await shared.Client.InferBinaryAsync(InferRequests.Binary("", InferRequests.SamplePng));

        Floats(rowTensors).ShouldBe([.. json.Values("probabilities"), .. json.Values("logits")]);
        pictureTensors.ShouldBe(rowTensors);
        ofPicture.GetRawText().ShouldBe(ofRows.GetRawText());
    }

    [Fact]
    public async Task Clients_that_send_in_chunks_are_answered_too()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, InferRequests.Infer)
        {
            Content = InferRequests.Binary(
                InferRequests.BinaryCall("[1,28,28]", ImageBytes), InferRequests.RawBytes(InferRequests.Sample)),
        };
        request.Headers.TransferEncodingChunked = true;

        using HttpResponseMessage response = await shared.Client.SendAsync(request);

        Digit((await response.ReadJsonAsync()).Values("probabilities")).ShouldBe(GoldenSample.Digit);
        response.Headers.Contains(InferenceProtocol.JsonLengthHeader).ShouldBeFalse();
    }

    private static int Digit(float[] probabilities) => Array.IndexOf(probabilities, probabilities.Max());

    private static float[] Floats(byte[] tensors) => MemoryMarshal.Cast<byte, float>(tensors).ToArray();

    private static List<string> Elements(ReadOnlySpan<byte> tensors)
    {
        List<string> elements = [];
        while (!tensors.IsEmpty)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(tensors);
            elements.Add(Encoding.UTF8.GetString(tensors.Slice(sizeof(int), length)));
            tensors = tensors[(sizeof(int) + length)..];
        }

        return elements;
    }
}
