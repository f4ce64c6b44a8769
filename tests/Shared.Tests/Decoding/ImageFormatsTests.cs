using System.Text;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Shared.Tests.Decoding;

public sealed class ImageFormatsTests
{
    [Theory]
    [InlineData("\0\0\0\u0018ftypheic\0\0\0\0mif1heic", "a HEIC picture")]
    [InlineData("\0\0\0\u0018ftypmif1\0\0\0\0heicmif1", "a HEIC picture")]
    [InlineData("\0\0\0\u001Cftypmif1\0\0\0\0mif1avifmiaf", "an AVIF picture")]
    [InlineData("\0\0\0\u0018ftypavif\0\0\0\0avifmif1", "an AVIF picture")]
    [InlineData("\0\0\0\u0018ftypcrx \0\0\0\u0001crx isom", "a camera raw picture (CR3)")]
    [InlineData("\0\0\0\u0018ftypisom\0\0\0\0isommp41", null)]
    [InlineData("II*\0\u0008\0\0\0", "a TIFF picture")]
    [InlineData("MM\0*\0\0\0\u0008", "a TIFF picture")]
    [InlineData("II*\0\u0010\0\0\0CR\u0002\0", "a camera raw picture (CR2)")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG picture")]
    [InlineData("\u00EF\u00BB\u00BF\r\n<?xml version='1.0'?>\n<!-- a -->\n<svg>", "an SVG picture")]
    [InlineData("<!DOCTYPE html><html><svg></svg></html>", null)]
    [InlineData("%PDF-1.7\n", "a PDF document")]
    [InlineData("\u00FF\u000A", "a JPEG XL picture")]
    [InlineData("\0\0\0\u000CJXL \r\n\u0087\n", "a JPEG XL picture")]
    [InlineData("8BPS\0\u0001", "a Photoshop document (PSD)")]
    [InlineData("\0\0\u0001\0\u0001\0", "a Windows icon (ICO)")]
    [InlineData("hello", null)]
    [InlineData("", null)]
    public void A_format_that_is_not_supported_is_named(string content, string? name)
    {
        byte[] file = Encoding.Latin1.GetBytes(content);

        ImageFormats.NameUnread(file).ShouldBe(name);
        ImageFormats.Recognize(file).ShouldBe(ImageFormat.Unknown);
    }
}
