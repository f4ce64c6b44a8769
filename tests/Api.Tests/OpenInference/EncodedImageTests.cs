using System.Text.Json;
using MnistLstm.Api.Predictions;

namespace MnistLstm.Api.Tests.OpenInference;

/// <summary>Image files as BYTES: they are read as /predict reads them.</summary>
public sealed class EncodedImageTests(SharedService shared) : IClassFixture<SharedService>
{
    /// <summary>Kernels for another N add up in another order.</summary>
    private const double BatchTolerance = 1e-6;

    [Fact]
    public async Task Base64_in_JSON_gets_the_same_answer_as_predict()
    {
        MnistImages images = MnistImages.Test();
        for (int i = 0; i < 10; i++)
        {
            Prediction prediction = await shared.Client.PredictAsync(Requests.Raw(images.Png(i)));

            JsonElement answer = await shared.Client.InferAsync(InferRequests.Json(Base64Call(images.Png(i))));

            answer.Values("probabilities").ShouldBe(prediction.Probabilities);
        }
    }

    [Fact]
    public async Task Elements_after_the_JSON_get_the_same_answers_as_predict_in_order()
    {
        MnistImages images = MnistImages.Test();
        byte[] drawing = Drawing(images);
        byte[][] files = [images.Png(0), drawing, images.Png(1), .. Enumerable.Range(2, 38).Select(images.Png)];
        byte[] elements = InferRequests.RawElements(files);

        JsonElement answer = await shared.Client.InferAsync(
            InferRequests.Binary(InferRequests.BinaryCall($"[{files.Length}]", elements.Length, "BYTES"), elements));

        float[][] probabilities = [.. answer.Values("probabilities").Chunk(10)];
        for (int i = 0; i < files.Length; i++)
        {
            Prediction prediction = await shared.Client.PredictAsync(Requests.Raw(files[i]));
            probabilities[i].ShouldBe(prediction.Probabilities, BatchTolerance);
        }
    }

    [Fact]
    public async Task Several_pictures_in_JSON_may_be_escaped_in_any_way()
    {
        // PHP and others write a solidus as \/.
        string file = Convert.ToBase64String(InferRequests.SamplePng);
        string escaped =
            string.Concat(file.Select((c, i) => c == '/' ? "\\/" : i % 7 == 0 ? $"\\u{(int)c:x4}" : $"{c}"));

        JsonElement answer = await shared.Client.InferAsync(
            InferRequests.Json(InferRequests.Call("[2]", $"[\"{file}\",\"{escaped}\"]", "BYTES")));

        float[][] probabilities = [.. answer.Values("probabilities").Chunk(10)];
        probabilities[1].ShouldBe(probabilities[0], BatchTolerance);
    }

    [Fact]
    public async Task Base64_is_read_in_either_alphabet_with_or_without_padding_and_as_a_data_URI()
    {
        // Bytes after the end of the picture put a plus, a slash and padding into its base64.
        string file = Convert.ToBase64String(
            [.. InferRequests.SamplePng, 0xFB, 0xFF, 0xBE, 0xFB, 0xFF, 0xBF, 0xFF, 0xFE, 0xFB, 0xFF, 0xFF]);
        file.ShouldContain('+');
        file.ShouldContain('/');
        file.ShouldEndWith("=");
        string unpadded = file.TrimEnd('=');
        string[] elements =
        [
            file, unpadded, unpadded.Replace('+', '-').Replace('/', '_'), file.Replace('+', '-').Replace('/', '_'),
            "data:image/png;base64," + file, "data:;base64," + unpadded,
            string.Join("\\r\\n", file.Chunk(76).Select(line => new string(line))),
        ];

        JsonElement answer = await shared.Client.InferAsync(
            InferRequests.Json(InferRequests.Call($"[{elements.Length}]",
                $"[{string.Join(',', elements.Select(element => $"\"{element}\""))}]", "BYTES")));

        float[][] probabilities = [.. answer.Values("probabilities").Chunk(10)];
        probabilities.Length.ShouldBe(elements.Length);
        foreach (float[] other in probabilities)
        {
            other.ShouldBe(probabilities[0], BatchTolerance);
        }
    }

    [Fact]
    public async Task A_picture_as_the_whole_body_is_read()
    {
        byte[] drawing = Drawing(MnistImages.Test());
        Prediction prediction = await shared.Client.PredictAsync(Requests.Raw(drawing));

        (JsonElement answer, byte[] tensors) = await shared.Client.InferBinaryAsync(InferRequests.Binary("", drawing));

        answer.Output("probabilities").GetProperty("shape").GetRawText().ShouldBe("[1,10]");
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensors.AsSpan(0, 40)).ToArray()
            .ShouldBe(prediction.Probabilities);
    }

    private static string Base64Call(byte[] file) =>
        InferRequests.Call("[1]", $"[\"{Convert.ToBase64String(file)}\"]", "BYTES");

    /// <summary>A digit on a large canvas, dark on light: it has to be found and normalized.</summary>
    private static byte[] Drawing(MnistImages images) =>
        Pictures.GrayPng(Pictures.Canvas(images.Pixels(3), 300, 200, new SkiaSharp.SKRect(60, 20, 200, 160)), 300, 200);
}
