using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace MnistLstm.Trainer;

/// <summary>TorchSharp's native half, libLibTorchSharp, and through it libtorch.</summary>
internal static class NativeBinding
{
    private const string Name = "LibTorchSharp";
    private const string FileName = "libLibTorchSharp.so";

    /// <summary>
    /// The only thing that the binding asks for beyond GCC 12's libstdc++ (Debian 12, Ubuntu 22.04) is this version of its
    /// symbols, and of those only _ZSt21ios_base_library_initv, which it never calls: GCC 13 refers to it wherever
    /// &lt;iostream&gt; is included, so that an older libstdc++ is refused.
    /// </summary>
    private const string UnusedVersion = "GLIBCXX_3.4.32";

    /// <summary>vna_hash, vna_flags of Elf64_Vernaux (System V ABI, "Symbol Versioning"): the version above, required.</summary>
    private static ReadOnlySpan<byte> Required => [0x42, 0xf8, 0x97, 0x02, 0, 0];

    /// <summary>The same with VER_FLG_WEAK: the loader does without it.</summary>
    private static ReadOnlySpan<byte> Optional => [0x42, 0xf8, 0x97, 0x02, 2, 0];

    /// <summary>
    /// Loads it before TorchSharp does: where TorchSharp cannot, it prints some forty lines and copies libtorch.
    /// </summary>
    /// <exception cref="DllNotFoundException">It does not load.</exception>
    public static void Load()
    {
        try
        {
            NativeLibrary.Load(Name, typeof(torch).Assembly, searchPath: null);
        }
        catch (DllNotFoundException e) when (e.Message.Contains(UnusedVersion, StringComparison.Ordinal))
        {
            NativeLibrary.Load("torch", typeof(torch).Assembly, searchPath: null); // not beside the copy
            nint binding = LoadCopy();
            AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => name == Name ? binding : 0;
        }
    }

    /// <summary>Loads a copy of the binding that does not insist on the version. The copy's file is gone afterwards.</summary>
    private static nint LoadCopy()
    {
        string folders = (string)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES")!; // set by the .NET host
        byte[] binding = File.ReadAllBytes(
            folders.Split(Path.PathSeparator).Select(folder => Path.Combine(folder, FileName)).First(File.Exists));
        if (binding.AsSpan().IndexOf(Required) is >= 0 and int place)
        {
            Optional.CopyTo(binding.AsSpan(place));
        }

        DirectoryInfo temporary = Directory.CreateTempSubdirectory("mnist-lstm-");
        try
        {
            string copy = Path.Combine(temporary.FullName, FileName);
            File.WriteAllBytes(copy, binding);
            return NativeLibrary.Load(copy);
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }
}
