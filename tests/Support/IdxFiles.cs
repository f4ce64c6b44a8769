using System.Buffers.Binary;

namespace MnistLstm.Support;

/// <summary>Writes images and labels in the format that MNIST is published in.</summary>
public static class IdxFiles
{
    /// <summary>A small data set: the first of MNIST's training and test images.</summary>
    public static void WriteMnist(string folder, int train, int test)
    {
        Write(folder, "train", MnistImages.Train(), train);
        Write(folder, "t10k", MnistImages.Test(), test);
    }

    private static void Write(string folder, string split, MnistImages images, int count)
    {
        Directory.CreateDirectory(folder);
        using FileStream pixels = File.Create(Path.Combine(folder, $"{split}-images-idx3-ubyte"));
        using FileStream labels = File.Create(Path.Combine(folder, $"{split}-labels-idx1-ubyte"));
        pixels.Write([0, 0, 8, 3, .. BigEndian(count), .. BigEndian(28), .. BigEndian(28)]);
        labels.Write([0, 0, 8, 1, .. BigEndian(count)]);
        for (int n = 0; n < count; n++)
        {
            pixels.Write(images.Pixels(n));
            labels.WriteByte((byte)images.Label(n));
        }
    }

    private static byte[] BigEndian(int value)
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
