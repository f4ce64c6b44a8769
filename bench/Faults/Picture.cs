using System.Net.Http.Headers;
using System.Text.Json;
using MnistLstm.Support;

namespace MnistLstm.Faults;

/// <summary>A picture to send and the answer that it must get.</summary>
internal sealed class Picture
{
    /// <summary>Probabilities may differ by this from one batch to another.</summary>
    private const double Tolerance = 1e-6;

    private const int Count = 100;

    private readonly byte[] _file;
    private double[] _probabilities = [];

    private Picture(byte[] file) => _file = file;

    /// <summary>MNIST's first test images, as PNG files.</summary>
    public static Picture[] Load()
    {
        MnistImages mnist = MnistImages.Test();
        return [.. Enumerable.Range(0, Count).Select(index => new Picture(mnist.Png(index)))];
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
}
