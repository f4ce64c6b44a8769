using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;
using MnistLstm.Support;

namespace MnistLstm.Load;

/// <summary>Pictures to send: MNIST's test set from <c>MNIST_DIR</c>, as it is and drawn large.</summary>
internal static class Uploads
{
    /// <summary>The address of <see cref="BinaryInfer"/>.</summary>
    public const string InferPath = "/v2/models/digits/infer";

    private const int Count = 100;

    private static readonly Lazy<byte[][]> Images = new(() =>
    {
        MnistImages mnist = MnistImages.Test();
        return [.. Enumerable.Range(0, Count).Select(index => mnist.Pixels(index).ToArray())];
    });

    /// <summary>The kinds of pictures that services are compared by, small to large.</summary>
    public static (string Pictures, byte[][] Requests)[] Kinds() =>
    [
        ("28x28 PNG", Png()),
        ("280x280 RGBA PNG", Canvas(side: 280)),
        ("1024x768 JPEG", Photo(width: 1024, height: 768)),
    ];

    /// <summary>As they are, gray PNG files.</summary>
    public static byte[][] Png() =>
        [.. Images.Value.Select(pixels =>
            Connection.Request(GrayPng.Encode(pixels, RowSequence.Features, RowSequence.TimeSteps), "image/png"))];

    /// <summary>Drawn large, as a page's canvas is saved.</summary>
    public static byte[][] Canvas(int side) =>
        [.. Images.Value.Select(pixels => Connection.Request(DigitPicture.Canvas(pixels, side), "image/png"))];

    /// <summary>Drawn large, as a camera takes them.</summary>
    public static byte[][] Photo(int width, int height) =>
        [.. Images.Value.Select(pixels => Connection.Request(DigitPicture.Photo(pixels, width, height), "image/jpeg"))];

    /// <summary>Requests of the Open Inference Protocol in its binary form.</summary>
    /// <param name="images">In each of them.</param>
    public static byte[][] BinaryInfer(int images)
    {
        byte[] json = Encoding.ASCII.GetBytes(BinaryInferJson(images));
        string headers = string.Create(
            CultureInfo.InvariantCulture,
            $"Content-Type: application/octet-stream\r\nInference-Header-Content-Length: {json.Length}\r\n");
        byte[][] requests = new byte[Count][];
        float[] rows = new float[images * RowSequence.Length];
        for (int i = 0; i < Count; i++)
        {
            for (int n = 0; n < images; n++)
            {
                Rows(i + n, rows.AsSpan(n * RowSequence.Length, RowSequence.Length));
            }

            requests[i] = Connection.Request(
                InferPath, headers, [.. json, .. MemoryMarshal.AsBytes(rows.AsSpan())]);
        }

        return requests;
    }

    /// <summary>The JSON before the raw tensor.</summary>
    /// <param name="images">In the tensor.</param>
    public static string BinaryInferJson(int images) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"inputs":[{"name":"rows","shape":[{{{images}}},28,28],"datatype":"FP32","parameters":"""
            + $$$"""{"binary_data_size":{{{images * RowSequence.Length * sizeof(float)}}}}}],"outputs":"""
            + $$$"""[{"name":"probabilities","parameters":{"binary_data":true}}]}""");

    /// <param name="index">The index of the image.</param>
    /// <returns>[28, 28], 0 = paper, 255 = ink.</returns>
    public static byte[] Pixels(int index) => Images.Value[index];

    /// <param name="index">The index of the image, modulo their number.</param>
    /// <param name="rows">[28, 28], receives its intensities.</param>
    public static void Rows(int index, Span<float> rows) => RowSequence.FromPixels(Images.Value[index % Count], rows);
}
