using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Models;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Load;

/// <summary>
/// The same decoder, normalizer and model in the usual way: one session with its default options, one call of it for
/// each request, new tensors each time, the framework's JSON.
/// </summary>
internal static class PlainService
{
    public static async Task RunAsync(string model, string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.ClearProviders();
        await using WebApplication app = builder.Build();
        using var session = new InferenceSession(model);
        app.MapPost("/predict", async (HttpContext context) =>
        {
            using var file = new MemoryStream();
            await context.Request.Body.CopyToAsync(file);
            ImageDecoder.Decode(file.ToArray(), ImageLimits.Default, out GrayImage? image);
            using (image)
            {
                byte[] pixels = DigitNormalizer.Propose(image!).First().Pixels;
                float[] rows = new float[RowSequence.Length];
                RowSequence.FromPixels(pixels, rows);
                var input = new DenseTensor<float>(rows, [1, RowSequence.TimeSteps, RowSequence.Features]);
                using var outputs = session.Run([NamedOnnxValue.CreateFromTensor(ModelContract.Input, input)]);
                float[] probabilities =
                    [.. outputs.First(output => output.Name == ModelContract.Probabilities).AsEnumerable<float>()];
                return Results.Bytes(
                    JsonSerializer.SerializeToUtf8Bytes(
                        new { digit = Array.IndexOf(probabilities, probabilities.Max()), probabilities }),
                    "application/json");
            }
        });
        await app.RunAsync();
    }
}
