using System.IO.Compression;
using MnistLstm.Shared;
using MnistLstm.Shared.Imaging;

namespace MnistLstm.Load;

/// <summary>Pictures to send: MNIST's test set from <c>MNIST_DIR</c>, as it is and enlarged.</summary>
internal static class Uploads
{
    private const int Count = 100;
    private const int IdxHeaderBytes = 16;

    /// <param name="scale">Pixels for each of MNIST's on a side.</param>
    public static byte[][] Png(int scale)
    {
        string folder = Environment.GetEnvironmentVariable("MNIST_DIR")
            ?? throw new InvalidOperationException("MNIST_DIR is not set: name the folder with t10k-images-idx3-ubyte.gz.");
        using FileStream file = File.OpenRead(Path.Combine(folder, "t10k-images-idx3-ubyte.gz"));
        using var images = new GZipStream(file, CompressionMode.Decompress);
        images.ReadExactly(new byte[IdxHeaderBytes]);
        byte[][] requests = new byte[Count][];
        byte[] pixels = new byte[RowSequence.Length];
        for (int i = 0; i < Count; i++)
        {
            images.ReadExactly(pixels);
            requests[i] = Connection.Request(Encode(pixels, scale), "image/png");
        }

        return requests;
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
