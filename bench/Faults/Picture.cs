using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Json;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Faults;

/// <summary>A picture to send and the answer that it must get.</summary>
internal sealed class Picture
{
    /// <summary>Probabilities may differ by this from one batch to another.</summary>
    private const double Tolerance = 1e-6;

    private const int Count = 100;
    private const int IdxHeaderBytes = 16;

    private readonly byte[] _file;
    private double[] _probabilities = [];

    private Picture(byte[] file) => _file = file;

    /// <summary>MNIST's first test images from <c>MNIST_DIR</c>, as PNG files.</summary>
    /// <param name="scale">Pixels for each of MNIST's on a side.</param>
    public static Picture[] Load(int scale = 1)
    {
        string folder = Environment.GetEnvironmentVariable("MNIST_DIR")
            ?? throw new InvalidOperationException(
                "MNIST_DIR is not set: name the folder with t10k-images-idx3-ubyte.gz.");
        using FileStream file = System.IO.File.OpenRead(Path.Combine(folder, "t10k-images-idx3-ubyte.gz"));
        using var images = new GZipStream(file, CompressionMode.Decompress);
        images.ReadExactly(new byte[IdxHeaderBytes]);
        byte[] pixels = new byte[RowSequence.Length];
        var pictures = new Picture[Count];
        for (int n = 0; n < Count; n++)
        {
            images.ReadExactly(pixels);
            pictures[n] = new Picture(Encode(pixels, scale));
        }

        return pictures;
    }

    public byte[] File => _file;

    /// <summary>Remembers what the service answers while nothing disturbs it.</summary>
    public static async Task LearnAsync(Picture[] pictures, HttpClient client, string path)
    {
        foreach (Picture picture in pictures)
        {
            using HttpResponseMessage response = await client.PostAsync(path, picture.Content());
            picture._probabilities = await ReadAsync(response.EnsureSuccessStatusCode());
        }
    }

    public HttpContent Content()
    {
        var content = new ByteArrayContent(_file);
        content.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        return content;
    }

    /// <summary>Whether it is the answer to this picture.</summary>
    public async Task<bool> IsAnsweredByAsync(HttpResponseMessage response)
    {
        double[] probabilities = await ReadAsync(response);
        return probabilities.Zip(_probabilities).All(pair => Math.Abs(pair.First - pair.Second) <= Tolerance);
    }

    private static async Task<double[]> ReadAsync(HttpResponseMessage response)
    {
        await using Stream body = await response.Content.ReadAsStreamAsync();
        using JsonDocument answer = await JsonDocument.ParseAsync(body);
        return [.. answer.RootElement.GetProperty("probabilities").EnumerateArray().Select(p => p.GetDouble())];
    }

    private static byte[] Encode(byte[] pixels, int scale)
    {
        int side = RowSequence.Features * scale;
        byte[] enlarged = new byte[side * side];
        for (int i = 0; i < enlarged.Length; i++)
        {
            enlarged[i] = pixels[(i / side / scale * RowSequence.Features) + (i % side / scale)];
        }

        return GrayPng.Encode(enlarged, side, side);
    }
}
